// Uploads that a killed process left in a bucket, as many pages of them as there are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "../aws/canned_server.hpp"
#include "lake/s3_store.hpp"

namespace stack::lake {
namespace {

using aws::testing_support::CannedServer;
using testing::ElementsAre;

std::string answer(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nConnection: close\r\nDate: Fri, 02 Jan 2026 12:00:00 GMT\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string upload(const std::string& key, const std::string& id, const std::string& begun) {
  return "<Upload><Key>" + key + "</Key><UploadId>" + id + "</UploadId><Initiated>" + begun + "</Initiated></Upload>";
}

std::string page(const std::string& uploads, const std::string& next = {}) {
  return answer("<ListMultipartUploadsResult><IsTruncated>" + std::string(next.empty() ? "false" : "true") +
                "</IsTruncated>" + next + uploads + "</ListMultipartUploadsResult>");
}

constexpr const char* kOld = "2026-01-01T11:59:59.000Z";
constexpr const char* kYoung = "2026-01-01T12:00:01.000Z";
constexpr const char* kNext = "<NextKeyMarker>lake/t/a b</NextKeyMarker><NextUploadIdMarker>2</NextUploadIdMarker>";

class S3SweepTest : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<S3Store> store(const CannedServer& server) {
    aws::S3Bucket bucket{.name = "bkt", .region = "eu-central-1", .endpoint = server.url()};
    return std::make_unique<S3Store>(
        aws::S3Client::open(std::move(bucket), nullptr, clock_, Milliseconds{1'500}).value(), "lake");
  }
  [[nodiscard]] static std::vector<std::string> request_lines(const CannedServer& server) {
    std::vector<std::string> lines;
    for (const auto& request : server.requests()) lines.push_back(request.substr(0, request.find(" HTTP/")));
    return lines;
  }

  ManualClock clock_{Micros{std::chrono::sys_days{std::chrono::year{2026} / 1 / 2}}};
};

TEST_F(S3SweepTest, GoesThroughAllPagesAndSparesTheYoungAndTheStrange) {
  const CannedServer server([](const std::string& request) {
    if (request.starts_with("DELETE")) return answer("");
    if (request.find("key-marker=") == std::string::npos)
      return page(upload("lake/t/a", "1", kOld) + upload("lake/t/a b", "2", kYoung), kNext);
    return page(upload("lake/t/c", "3", kOld) + upload("other/d", "4", kOld));
  });
  EXPECT_EQ(store(server)->sweep_stale_uploads().value(), 2U);
  EXPECT_THAT(request_lines(server),
              ElementsAre("GET /bkt?prefix=lake%2F&uploads=", "DELETE /bkt/lake/t/a?uploadId=1",
                          "GET /bkt?key-marker=lake%2Ft%2Fa%20b&upload-id-marker=2&prefix=lake%2F&uploads=",
                          "DELETE /bkt/lake/t/c?uploadId=3"));
}

TEST_F(S3SweepTest, EndsAtAStoreThatHeedsNoMarkers) {
  const CannedServer server([](const std::string&) { return page(upload("lake/t/a", "1", kYoung), kNext); });
  EXPECT_EQ(store(server)->sweep_stale_uploads().value(), 0U);
  EXPECT_EQ(server.requests().size(), 2U);
}

}  // namespace
}  // namespace stack::lake
