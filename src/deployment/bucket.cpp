#include "deployment/bucket.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string_view>

#include "aws/http_client.hpp"
#include "aws/xml.hpp"

namespace stack::deployment {
namespace {

std::string xml_written(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("&#{};", static_cast<int>(c));
    else
      out += c;
  }
  return out;
}

// The objects of one page of a listing, in the form in which their removal is asked for; their count.
std::pair<std::string, std::uint64_t> removal_of(std::string_view listing) {
  std::string objects;
  std::uint64_t count = 0;
  for (const std::string_view kind : {"Version", "DeleteMarker"})
    for (const auto each : aws::xml_elements(listing, kind)) {
      ++count;
      objects +=
          fmt::format("<Object><Key>{}</Key><VersionId>{}</VersionId></Object>",
                      xml_written(aws::xml_text(aws::xml_element(each, "Key"))), aws::xml_element(each, "VersionId"));
    }
  return {
      fmt::format("<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{}<Quiet>true</Quiet></Delete>", objects),
      count};
}

}  // namespace

Result<bool> bucket_exists(aws::S3Client& bucket) {
  auto answer = bucket.call({.method = "GET", .action = "s3:ListBucket", .query = "list-type=2&max-keys=1"});
  if (answer) return true;
  if (answer.error().message.find("NoSuchBucket") != std::string::npos) return false;
  return std::unexpected(std::move(answer).error());
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
std::string region_of(aws::S3Client& bucket) {
  const auto answer = bucket.call({.method = "GET", .action = "s3:GetBucketLocation", .query = "location="});
  if (!answer) return {};
  const std::string& body = answer->body;
  const auto tag = body.find("<LocationConstraint");  // it has a namespace
  const auto begin = tag == std::string::npos ? tag : body.find('>', tag);
  if (begin == std::string::npos) return {};
  const auto end = std::min(body.find('<', begin), body.size());
  const auto named = std::string_view{body}.substr(begin + 1, end - begin - 1);
  if (named.empty() || body[begin - 1] == '/') return "us-east-1";
  return named == "EU" ? "eu-west-1" : std::string{named};
}

Result<void> upload_file(aws::S3Client& bucket, const std::string& key, const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
  if (!in || bytes.empty()) return fail(ErrorKind::usage, fmt::format("{} cannot be read, or is empty", file.string()));
  STACK_TRY(bucket.call({.method = "PUT", .key = key, .action = "s3:PutObject", .body = bytes, .makes_object = true}));
  return {};
}

Result<bool> holds_any(aws::S3Client& bucket, const std::string& prefix) {
  STACK_TRY_ASSIGN(listing, bucket.call({.method = "GET",
                                         .action = "s3:ListBucket",
                                         .query = "list-type=2&max-keys=1&prefix=" + aws::percent_encoded(prefix)}));
  return !aws::xml_element(listing.body, "Contents").empty();
}

Result<void> remove_objects(aws::S3Client& bucket, const std::string& prefix, const StopFlag& stop,
                            std::atomic<std::uint64_t>& removed) {
  while (true) {
    const auto stopped = [&] {
      return fail(ErrorKind::interrupted,
                  fmt::format("stopped with {} versions removed from s3://{}; the same command goes on", removed.load(),
                              bucket.bucket().name));
    };
    if (stop.requested()) return stopped();
    // What was listed is gone when the next page is asked for, which so is the first again.
    const auto listing = bucket.call({.method = "GET",
                                      .action = "s3:ListBucketVersions",
                                      .query = "versions=&max-keys=1000&prefix=" + aws::percent_encoded(prefix)});
    if (!listing && stop.requested()) return stopped();
    STACK_TRY(listing);
    const auto [request, count] = removal_of(listing->body);
    if (count == 0) return {};
    const auto answer = bucket.call(
        {.method = "POST",
         .action = "s3:DeleteObjectVersion",
         .query = "delete=",
         .headers = {{"x-amz-sdk-checksum-algorithm", "CRC32C"}, {"x-amz-checksum-crc32c", aws::crc32c_text(request)}},
         .body = request});
    if (!answer && stop.requested()) return stopped();
    STACK_TRY(answer);
    if (const auto refused = aws::xml_element(answer->body, "Error"); !refused.empty())
      return fail(ErrorKind::access,
                  fmt::format("s3://{}: {} cannot be removed: {} {}; once it can be, the same command goes on",
                              bucket.bucket().name, aws::xml_text(aws::xml_element(refused, "Key")),
                              aws::xml_element(refused, "Code"), aws::xml_text(aws::xml_element(refused, "Message"))));
    removed += count;
  }
}

Result<bool> remove_empty_bucket(aws::S3Client& bucket) {
  auto answer = bucket.call({.method = "DELETE", .action = "s3:DeleteBucket"});
  if (answer) return true;
  if (answer.error().message.find("BucketNotEmpty") != std::string::npos) return false;
  return std::unexpected(std::move(answer).error());
}

}  // namespace stack::deployment
