// Our signatures beside the published test suite of AWS Signature Version 4: requests signed by header and by query.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "aws/signing.hpp"

namespace stack::aws {
namespace {

namespace fs = std::filesystem;
using testing::EndsWith;
using testing::HasSubstr;

std::string text_of(const fs::path& file) {
  std::ifstream in{file};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

struct Vector {
  fs::path folder;
  HttpRequest request;
  Credentials credentials;
  SigningScope scope;
  std::chrono::seconds valid{0};
  bool normalize = true;
  bool signs_body = false;           // as a header
  bool omits_session_token = false;  // from what is signed
};

// "GET /path?query HTTP/1.1", headers, an empty line, the body. A header's value may go on in an indented line.
void read_request(const std::string& text, HttpRequest& request) {
  std::istringstream in{text};
  std::string line;
  std::getline(in, line);
  const auto path = line.find(' ') + 1;
  request.method = line.substr(0, path - 1);
  std::string host;
  const std::string target = line.substr(path, line.rfind(' ') - path);
  while (std::getline(in, line) && !line.empty()) {
    if (line.front() == ' ') {
      request.headers.back().second += "\n" + line;
      continue;
    }
    const auto colon = line.find(':');
    if (line.substr(0, colon) == "Host")
      host = line.substr(colon + 1);
    else if (line.substr(0, colon) != "Content-Length")
      request.headers.emplace_back(line.substr(0, colon), line.substr(colon + 1));
  }
  while (std::getline(in, line)) request.body += (request.body.empty() ? "" : "\n") + line;
  request.url = "http://" + host + target;
}

Vector read_vector(const fs::path& folder) {
  Vector vector{.folder = folder, .request = {}, .credentials = {}, .scope = {}};
  simdjson::dom::parser parser;
  const simdjson::dom::element context = parser.load((folder / "context.json").string());
  const auto text = [](simdjson::simdjson_result<simdjson::dom::element> value) {
    std::string_view found;
    return value.get(found) == simdjson::SUCCESS ? std::string{found} : std::string{};
  };
  const auto flag = [&](const char* name) {
    bool set = false;
    return context[name].get(set) == simdjson::SUCCESS && set;
  };
  const auto keys = context["credentials"];
  vector.credentials = {.access_key_id = text(keys["access_key_id"]),
                        .secret_access_key = text(keys["secret_access_key"]),
                        .session_token = text(keys["token"]),
                        .expires = std::nullopt,
                        .source = "the vector"};
  vector.scope = {.region = text(context["region"]),
                  .service = text(context["service"]),
                  .time = parse_micros(text(context["timestamp"])).value()};
  vector.valid = std::chrono::seconds{static_cast<std::int64_t>(context["expiration_in_seconds"])};
  vector.normalize = flag("normalize");
  vector.signs_body = flag("sign_body");
  vector.omits_session_token = flag("omit_session_token");
  read_request(text_of(folder / "request.txt"), vector.request);
  return vector;
}

std::vector<Vector> vectors() {
  std::vector<Vector> all;
  for (const auto& entry : fs::directory_iterator{fs::path{STACK_SIGNING_VECTORS} / "v4"})
    if (fs::exists(entry.path() / "context.json")) all.push_back(read_vector(entry.path()));  // two are but halves
  return all;
}

// Other services than S3 are signed for as here: the path normalised and encoded once more, the body's hash in no
// header. Our URLs are encoded, so without spaces, and our POSTs always have a Content-Length, which is signed.
bool is_ours(const Vector& vector) {
  const bool has_length = vector.request.method != "POST" || !vector.request.body.empty();
  return vector.normalize && !vector.signs_body && !vector.omits_session_token && has_length &&
         vector.folder.filename() != "get-space-normalized";
}

TEST(SigningVectors, OfRequestsSignedByHeader) {
  int signed_right = 0;
  for (auto& vector : vectors()) {
    if (!is_ours(vector)) continue;
    SCOPED_TRACE(vector.folder.filename());
    ASSERT_TRUE(sign(vector.request, vector.credentials, vector.scope));
    std::string authorization;
    for (const auto& [name, value] : vector.request.headers)
      if (name == "Authorization") authorization = value;
    EXPECT_THAT(authorization, EndsWith("Signature=" + text_of(vector.folder / "header-signature.txt")));
    ++signed_right;
  }
  EXPECT_GE(signed_right, 20);
}

TEST(SigningVectors, OfUrlsSignedByQuery) {
  int signed_right = 0;
  for (const auto& vector : vectors()) {
    // A URL that is handed on has no headers to be signed but Host.
    if (!is_ours(vector) || vector.request.method != "GET" || !vector.request.headers.empty()) continue;
    SCOPED_TRACE(vector.folder.filename());
    const auto url = presign(vector.request.url, vector.valid, vector.credentials, vector.scope);
    ASSERT_TRUE(url) << url.error().message;
    EXPECT_THAT(*url, HasSubstr("X-Amz-Signature=" + text_of(vector.folder / "query-signature.txt")));
    ++signed_right;
  }
  EXPECT_GE(signed_right, 12);
}

}  // namespace
}  // namespace stack::aws
