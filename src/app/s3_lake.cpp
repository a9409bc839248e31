#include "app/s3_lake.hpp"

#include <fmt/format.h>

#include "app/aws_services.hpp"
#include "app/json_object.hpp"
#include "app/progress.hpp"
#include "aws/endpoint.hpp"
#include "aws/http_client.hpp"
#include "aws/region.hpp"
#include "aws/s3_client.hpp"
#include "lake/s3_store.hpp"

namespace stack::app {
namespace {

aws::S3Encryption encryption_of(std::string_view sse) {
  if (sse == "kms") return aws::S3Encryption::kms_keys;
  return sse == "aes256" ? aws::S3Encryption::s3_keys : aws::S3Encryption::bucket_default;
}

Result<std::string> region_of(const Settings& settings, bool is_aws) {
  STACK_TRY_ASSIGN(named, named_region(settings));
  if (named) return *std::move(named);
  if (!is_aws) return "us-east-1";  // stores of one region take it, by custom
  return fail(ErrorKind::usage, "the AWS region of the bucket is not known: name it with --region or AWS_REGION");
}

}  // namespace

Result<std::string> s3_endpoint(const Settings& settings) {
  if (settings.given("s3-endpoint")) return settings.text("s3-endpoint");
  STACK_TRY_ASSIGN(configured, aws::configured_endpoint("s3", aws::Environment{}));
  return configured.value_or("");
}

Result<std::unique_ptr<aws::S3Client>> open_s3_client(const Settings& settings, const aws::S3Place& place,
                                                      const Clock& clock, const StopFlag* stop) {
  STACK_TRY_ASSIGN(endpoint, s3_endpoint(settings));
  STACK_TRY_ASSIGN(region, region_of(settings, endpoint.empty()));
  STACK_TRY_ASSIGN(addressing, settings.choice("s3-addressing", {"auto", "path", "virtual"}));
  STACK_TRY_ASSIGN(sse, settings.choice("s3-sse", {"bucket", "aes256", "kms"}));
  if (settings.given("s3-kms-key") && sse != "kms")
    return fail(ErrorKind::usage, "--s3-kms-key names the key of --s3-sse kms: give both");
  STACK_TRY_ASSIGN(patience, aws_patience(settings));
  std::shared_ptr<aws::CredentialProvider> credentials;
  if (!settings.flag("s3-anonymous")) {
    STACK_TRY_ASSIGN(found, aws_credentials(settings, region, clock));
    credentials = std::move(found);
  }
  const auto how = addressing == "path"      ? aws::S3Addressing::path
                   : addressing == "virtual" ? aws::S3Addressing::virtual_host
                                             : aws::S3Addressing::automatic;
  if (!endpoint.empty() && aws::host_of(endpoint).empty())
    return fail(ErrorKind::usage, fmt::format("\"{}\" is not an http or https URL: check --s3-endpoint or "
                                              "AWS_ENDPOINT_URL_S3",
                                              endpoint));
  STACK_TRY_ASSIGN(variant, aws::endpoint_variant(aws::Environment{}));
  return aws::S3Client::open({.name = place.bucket,
                              .region = std::move(region),
                              .endpoint = std::move(endpoint),
                              .variant = variant,
                              .addressing = how,
                              .encryption = encryption_of(sse),
                              .kms_key = settings.text("s3-kms-key"),
                              .conditional_writes = !settings.flag("single-writer")},
                             std::move(credentials), clock, patience, {.line = warn_meanwhile}, stop);
}

Result<std::unique_ptr<lake::ObjectStore>> open_s3_lake(const Settings& settings, const std::string& uri,
                                                        const Clock& clock, const StopFlag* stop) {
  STACK_TRY_ASSIGN(place, aws::parse_s3_place("lake", uri));
  STACK_TRY_ASSIGN(client, open_s3_client(settings, place, clock, stop));
  return std::make_unique<lake::S3Store>(std::move(client), place.prefix);
}

std::string s3_requests_json(const lake::ObjectStore& lake) {
  const auto* const store = dynamic_cast<const lake::S3Store*>(&lake);
  if (store == nullptr) return {};
  const aws::S3Requests requests = store->requests();
  return JsonObject{}
      .number("put", requests.puts)
      .number("part", requests.parts)
      .number("post", requests.posts)
      .number("get", requests.gets)
      .number("head", requests.heads)
      .number("list", requests.lists)
      .number("delete", requests.deletes)
      .number("retries", requests.retries)
      .number("bytes_sent", requests.bytes_sent)
      .number("bytes_received", requests.bytes_received)
      .str();
}

}  // namespace stack::app
