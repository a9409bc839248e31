#include "iam/msk_cluster.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "aws/region.hpp"

namespace stack::iam {
namespace {

// What stands before the next SEPARATOR, which TEXT then begins behind; none where there is no separator.
std::optional<std::string_view> cut(std::string_view& text, char separator) {
  const auto at = text.find(separator);
  if (at == std::string_view::npos) return std::nullopt;
  const auto part = text.substr(0, at);
  text.remove_prefix(at + 1);
  return part;
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

}  // namespace

std::string MskCluster::resource(std::string_view kind, std::string_view thing) const {
  return fmt::format("arn:{}:kafka:{}:{}:{}/{}/{}/{}", partition, region, account, kind, name, uuid, thing);
}

std::string MskCluster::arn() const {
  return fmt::format("arn:{}:kafka:{}:{}:cluster/{}/{}", partition, region, account, name, uuid);
}

std::optional<MskCluster> parse_cluster_arn(std::string_view arn) {
  std::array<std::string_view, 5> parts;  // arn, partition, service, region, account
  for (auto& part : parts) {
    const auto found = cut(arn, ':');
    if (!found) return std::nullopt;
    part = *found;
  }
  if (parts[0] != "arn" || !parts[1].starts_with("aws") || !is_name(parts[1]) || parts[2] != "kafka")
    return std::nullopt;
  if (!aws::check_region(parts[3]) || !is_account_id(parts[4])) return std::nullopt;
  const auto kind = cut(arn, '/');
  const auto name = cut(arn, '/');
  if (!kind || *kind != "cluster" || !name || !is_name(*name) || !is_name(arn)) return std::nullopt;
  return MskCluster{.partition = std::string{parts[1]},
                    .region = std::string{parts[3]},
                    .account = std::string{parts[4]},
                    .name = std::string{*name},
                    .uuid = std::string{arn}};
}

bool is_account_id(std::string_view text) {
  return text.size() == 12 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace stack::iam
