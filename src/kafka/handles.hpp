// librdkafka's C handles, each with one owner. Thread-safety: as the handles'. Never fails.
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>

namespace stack::kafka {

struct HandleDeleter {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
  void operator()(rd_kafka_error_t* error) const { rd_kafka_error_destroy(error); }
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
  void operator()(rd_kafka_AdminOptions_t* options) const { rd_kafka_AdminOptions_destroy(options); }
  void operator()(rd_kafka_NewTopic_t* topic) const { rd_kafka_NewTopic_destroy(topic); }
  void operator()(rd_kafka_DeleteTopic_t* topic) const { rd_kafka_DeleteTopic_destroy(topic); }
  void operator()(rd_kafka_ConfigResource_t* resource) const { rd_kafka_ConfigResource_destroy(resource); }
  void operator()(rd_kafka_TopicCollection_t* topics) const { rd_kafka_TopicCollection_destroy(topics); }
  void operator()(const rd_kafka_metadata_t* metadata) const { rd_kafka_metadata_destroy(metadata); }
};

template <class T>
using Handle = std::unique_ptr<T, HandleDeleter>;

using ConfHandle = Handle<rd_kafka_conf_t>;
using ClientHandle = Handle<rd_kafka_t>;
using QueueHandle = Handle<rd_kafka_queue_t>;
using EventHandle = Handle<rd_kafka_event_t>;
using ErrorHandle = Handle<rd_kafka_error_t>;
using PartitionListHandle = Handle<rd_kafka_topic_partition_list_t>;

}  // namespace stack::kafka
