#include "s3_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "core/time.hpp"
#include "core/unique_fd.hpp"

namespace stack::lake::testing_support {
namespace {

namespace fs = std::filesystem;

int free_port() {
  const UniqueFd probe(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);  // NOLINT: C's way to derive
  ::bind(probe.get(), raw, size);
  ::getsockname(probe.get(), raw, &size);
  return ntohs(address.sin_port);
}

const SystemClock& system_clock() {
  static const SystemClock clock;
  return clock;
}

}  // namespace

S3Server::S3Server(Kind kind) : folder_(fs::temp_directory_path() / ("stack-s3-" + std::to_string(::getpid()))) {
  folder_ += kind == Kind::moto ? "-moto" : "-versitygw";
  fs::create_directories(folder_ / "data" / bucket());
  fs::create_directories(folder_ / "iam");
  const int port = free_port();
  url_ = "http://127.0.0.1:" + std::to_string(port);
  start(kind, port);
  for (int i = 0; i < 300 && !answers(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds{100});
  if (!answers()) {
    std::fprintf(stderr, "the S3 server of the test does not come up; see %s\n", (folder_ / "log").c_str());
    std::exit(1);
  }
  if (kind == Kind::moto && !client()->call({.method = "PUT"})) std::exit(1);
}

void S3Server::start(Kind kind, int port) {
  pid_ = ::fork();
  if (pid_ != 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const std::string log = (folder_ / "log").native();
  if (std::freopen(log.c_str(), "w", stdout) == nullptr || std::freopen(log.c_str(), "a", stderr) == nullptr)
    ::_exit(1);
  ::unsetenv("AWS_CA_BUNDLE");  // versitygw takes it for its own
  ::setenv("ROOT_ACCESS_KEY", "tester", 1);
  ::setenv("ROOT_SECRET_KEY", "tester-secret", 1);
  const std::string number = std::to_string(port);
  if (kind == Kind::versitygw) {
    const std::string address = "127.0.0.1:" + number;
    const std::string iam = (folder_ / "iam").native();
    const std::string data = (folder_ / "data").native();
    ::execl(STACK_VERSITYGW, "versitygw", "--port", address.c_str(), "--iam-dir", iam.c_str(), "posix", data.c_str(),
            nullptr);
  } else {
    const char* python = std::getenv("STACK_TEST_PYTHON");
    ::execl(python, "python3", "-m", "moto.server", "-H", "127.0.0.1", "-p", number.c_str(), nullptr);
  }
  ::_exit(127);
}

S3Server::~S3Server() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::unique_ptr<aws::S3Client> S3Server::client() const {
  const aws::Environment keys{{{"AWS_ACCESS_KEY_ID", "tester"},
                               {"AWS_SECRET_ACCESS_KEY", "tester-secret"},
                               {"AWS_CONFIG_FILE", "/nonexistent"},
                               {"AWS_SHARED_CREDENTIALS_FILE", "/nonexistent"}}};
  auto credentials = std::make_shared<aws::CredentialProvider>(keys, aws::ProviderOptions{}, system_clock());
  return aws::S3Client::open({.name = bucket(), .region = "us-east-1", .endpoint = url_}, std::move(credentials),
                             system_clock(), Milliseconds{5'000})
      .value();
}

bool S3Server::answers() const {
  const auto port = static_cast<std::uint16_t>(std::stoi(url_.substr(url_.rfind(':') + 1)));
  const UniqueFd probe(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return ::connect(probe.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;  // NOLINT
}

std::unique_ptr<S3Store> S3Server::store() {
  return std::make_unique<S3Store>(client(), "test+" + std::to_string(++stores_) + "/a lake");
}

}  // namespace stack::lake::testing_support
