#include "aws/profile_files.hpp"

#include <aws/common/string.h>
#include <fmt/format.h>

#include <filesystem>

#include "aws/runtime.hpp"

namespace stack::aws {
namespace {

struct StringDeleter {
  void operator()(aws_string* text) const { aws_string_destroy(text); }
};
using String = std::unique_ptr<aws_string, StringDeleter>;

String string_of(const std::string& text) {
  return String{aws_string_new_from_array(Runtime::allocator(), reinterpret_cast<const std::uint8_t*>(text.data()),
                                          text.size())};  // NOLINT: bytes of a text
}

std::string path_of(const Environment& environment, const char* variable, const char* usual) {
  const auto home = environment.get("HOME").value_or("");
  const auto named = environment.get(variable);
  if (!named) return home.empty() ? std::string{} : fmt::format("{}/.aws/{}", home, usual);
  return named->starts_with("~/") ? home + named->substr(1) : *named;
}

}  // namespace

Result<ProfileFiles::Collection> ProfileFiles::read(const std::string& path, aws_profile_source_type type) {
  std::error_code ignored;
  if (path.empty() || !std::filesystem::exists(path, ignored)) return Collection{};
  Collection read{aws_profile_collection_new_from_file(Runtime::allocator(), string_of(path).get(), type)};
  if (read) return read;
  return fail(ErrorKind::usage,
              fmt::format("AWS settings in {} cannot be read ({}); check the file and its permissions", path,
                          aws_error_str(aws_last_error())));
}

Result<ProfileFiles> ProfileFiles::load(const Environment& environment) {
  Runtime::instance();
  STACK_TRY_ASSIGN(config, read(path_of(environment, "AWS_CONFIG_FILE", "config"), AWS_PST_CONFIG));
  STACK_TRY_ASSIGN(credentials,
                   read(path_of(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials"), AWS_PST_CREDENTIALS));
  ProfileFiles files;
  files.profiles_.reset(config || credentials ? aws_profile_collection_new_from_merge(Runtime::allocator(),
                                                                                      config.get(), credentials.get())
                                              : nullptr);
  const auto named = environment.get("AWS_PROFILE");
  files.chosen_ = named.value_or("default");
  if (named && !files.has(*named))
    return fail(ErrorKind::usage, fmt::format("AWS_PROFILE={}: neither {} nor {} has such a profile", *named,
                                              path_of(environment, "AWS_CONFIG_FILE", "config"),
                                              path_of(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials")));
  return files;
}

bool ProfileFiles::has(const std::string& profile) const {
  return profiles_ && aws_profile_collection_get_profile(profiles_.get(), string_of(profile).get()) != nullptr;
}

std::optional<std::string> ProfileFiles::get(const std::string& profile, const std::string& key) const {
  return value(AWS_PROFILE_SECTION_TYPE_PROFILE, profile, key);
}

std::optional<std::string> ProfileFiles::sso_session(const std::string& session, const std::string& key) const {
  return value(AWS_PROFILE_SECTION_TYPE_SSO_SESSION, session, key);
}

std::optional<std::string> ProfileFiles::endpoint_url(const std::string& profile, const std::string& service) const {
  const auto section = get(profile, "services");
  const auto* services = section ? aws_profile_collection_get_section(
                                       profiles_.get(), AWS_PROFILE_SECTION_TYPE_SERVICES, string_of(*section).get())
                                 : nullptr;
  const auto* nested = services == nullptr ? nullptr : aws_profile_get_property(services, string_of(service).get());
  const auto* url =
      nested == nullptr ? nullptr : aws_profile_property_get_sub_property(nested, string_of("endpoint_url").get());
  if (url != nullptr && url->len > 0) return aws_string_c_str(url);
  return get(profile, "endpoint_url");
}

std::optional<std::string> ProfileFiles::value(aws_profile_section_type type, const std::string& section,
                                               const std::string& key) const {
  if (!profiles_) return std::nullopt;
  const auto* found = aws_profile_collection_get_section(profiles_.get(), type, string_of(section).get());
  const auto* property = found == nullptr ? nullptr : aws_profile_get_property(found, string_of(key).get());
  if (property == nullptr) return std::nullopt;
  const aws_string* text = aws_profile_property_get_value(property);
  return text->len == 0 ? std::nullopt : std::optional<std::string>{aws_string_c_str(text)};
}

}  // namespace stack::aws
