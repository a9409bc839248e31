// A home folder with ~/.aws of a test's own, and the environment in which it is one's home.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "aws/environment.hpp"

namespace stack::aws::testing_support {

class AwsHome {
 public:
  AwsHome() {
    std::string name = std::filesystem::temp_directory_path() / "stack-aws-XXXXXX";
    path_ = ::mkdtemp(name.data());
    std::filesystem::create_directory(path_ / ".aws");
  }
  AwsHome(const AwsHome&) = delete;
  AwsHome& operator=(const AwsHome&) = delete;
  ~AwsHome() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  void write(const std::string& name, const std::string& text) const { std::ofstream{path_ / name} << text; }
  void config(const std::string& text) const { write(".aws/config", text); }
  void credentials(const std::string& text) const { write(".aws/credentials", text); }
  // VARIABLES and HOME; no metadata service, unless VARIABLES says so.
  [[nodiscard]] Environment environment(std::map<std::string, std::string> variables = {}) const {
    variables.try_emplace("HOME", path_.string());
    variables.try_emplace("AWS_EC2_METADATA_DISABLED", "true");
    return Environment{std::move(variables)};
  }

 private:
  std::filesystem::path path_;
};

}  // namespace stack::aws::testing_support
