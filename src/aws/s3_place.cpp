#include "aws/s3_place.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace stack::aws {
namespace {

constexpr std::string_view kScheme = "s3://";

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, and the '_' and capitals of old.
bool is_bucket_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_';
  };
  return name.size() >= 3 && name.size() <= 63 && std::ranges::all_of(name, fits);
}

// Without a '/' at its end. Its parts become parts of URLs' paths, of which "." and ".." are taken away on the way.
bool is_prefix(std::string_view prefix) {
  if (prefix.empty()) return true;
  while (true) {
    const auto slash = prefix.find('/');
    const auto part = prefix.substr(0, slash);
    const auto unprintable = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (part.empty() || part == "." || part == ".." || std::ranges::any_of(part, unprintable)) return false;
    if (slash == std::string_view::npos) return true;
    prefix.remove_prefix(slash + 1);
  }
}

}  // namespace

Result<S3Place> parse_s3_place(std::string_view option, std::string_view uri) {
  const auto wrong = [&](std::string_view why) {
    return fail(ErrorKind::usage, fmt::format("--{}: {} is not s3://BUCKET or s3://BUCKET/PREFIX{}", option, uri, why));
  };
  if (!uri.starts_with(kScheme)) return wrong("");
  const std::string_view place = uri.substr(kScheme.size());
  const auto slash = place.find('/');
  const auto name = place.substr(0, slash);
  std::string_view prefix = slash == std::string_view::npos ? std::string_view{} : place.substr(slash + 1);
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  if (!is_bucket_name(name))
    return wrong(
        fmt::format(": \"{}\" is no bucket's name, which has 3 to 63 letters, digits, '.', '-' and '_'", name));
  if (!is_prefix(prefix))
    return wrong(": a part of the prefix is empty, \".\" or \"..\", or has characters that cannot be printed");
  return S3Place{.bucket = std::string{name}, .prefix = std::string{prefix}};
}

}  // namespace stack::aws
