// What S3 and STS say in XML: their answers are flat, or one level of lists deep.
// Thread-safety: free functions. Never fails: what is not there is empty.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stack::aws {

// Between the first <NAME> and its </NAME>, as written; empty where there is none.
[[nodiscard]] std::string_view xml_element(std::string_view xml, std::string_view name);
[[nodiscard]] std::vector<std::string_view> xml_elements(std::string_view xml, std::string_view name);
// With &amp; &lt; &gt; &quot; &apos; &#N; and &#xN; replaced by what they stand for.
[[nodiscard]] std::string xml_text(std::string_view written);

}  // namespace stack::aws
