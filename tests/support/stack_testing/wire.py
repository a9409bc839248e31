"""Requests of Kafka's protocol that the Python client does not offer: who is the controller, who shall lead.

Written from the protocol's own description (https://kafka.apache.org/protocol): DescribeQuorum (55), version 0,
AlterPartitionReassignments (45), version 0, and ElectLeaders (43), version 2, all "flexible": compact lengths are one
up, tagged fields follow each structure. Any broker passes them on to the controller.
"""
import socket
import struct

_DESCRIBE_QUORUM, _ALTER_REASSIGNMENTS, _ELECT_LEADERS = (55, 0), (45, 0), (43, 2)
_PREFERRED = 0
_NO_TAGS = b"\x00"


def _varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _array(items):
    return _varint(len(items) + 1) + b"".join(items)


def _text(value):
    return _varint(len(value.encode()) + 1) + value.encode()


class _Answer:
    """Reads an answer's fields in turn."""

    def __init__(self, data):
        self._data, self._at = data, 0

    def number(self, form):
        """One field of struct's FORM."""
        (value,) = struct.unpack_from(">" + form, self._data, self._at)
        self._at += struct.calcsize(">" + form)
        return value

    def length(self):
        """A compact length, -1 for null."""
        value = shift = 0
        while True:
            byte = self.number("B")
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value - 1

    def text(self):
        """A compact text, None for null."""
        length = self.length()
        if length < 0:
            return None
        self._at += length
        return self._data[self._at - length:self._at].decode()


def _received(connection, size):
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise ConnectionError("the broker closed the connection")
        data += more
    return data


def _ask(port, api, body, timeout=5):
    header = struct.pack(">hhih", *api, 1, -1) + _NO_TAGS
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        connection.sendall(struct.pack(">i", len(header + body)) + header + body)
        (size,) = struct.unpack(">i", _received(connection, 4))
        answer = _Answer(_received(connection, size))
    answer.number("i")  # the request's number
    answer.number("B")  # no tags
    return answer


def controller(port):
    """The node that leads the metadata quorum, -1 when none does; asked of the broker at PORT."""
    partition = struct.pack(">i", 0) + _NO_TAGS
    topic = _text("__cluster_metadata") + _array([partition]) + _NO_TAGS
    answer = _ask(port, _DESCRIBE_QUORUM, _array([topic]) + _NO_TAGS)
    if answer.number("h") != 0 or answer.length() != 1:
        return -1
    answer.text()
    if answer.length() != 1:
        return -1
    answer.number("i")
    return answer.number("i") if answer.number("h") == 0 else -1


def reassign(port, topic, replicas, timeout_ms=5000):
    """Gives partitions of TOPIC these replicas (partition -> nodes, the preferred leader first)."""
    partitions = [struct.pack(">i", number) + _array([struct.pack(">i", node) for node in nodes]) + _NO_TAGS
                  for number, nodes in replicas.items()]
    named = _text(topic) + _array(partitions) + _NO_TAGS
    answer = _ask(port, _ALTER_REASSIGNMENTS, struct.pack(">i", timeout_ms) + _array([named]) + _NO_TAGS)
    answer.number("i")  # throttled for so long
    error, message = answer.number("h"), answer.text()
    if error:
        raise RuntimeError(f"reassigning {topic}: error {error}: {message}")


def elect_preferred(port, topic, partitions, timeout_ms=5000):
    """Lets the first replica of each partition lead, if it is in sync."""
    named = _text(topic) + _array([struct.pack(">i", number) for number in partitions]) + _NO_TAGS
    body = struct.pack(">b", _PREFERRED) + _array([named]) + struct.pack(">i", timeout_ms) + _NO_TAGS
    answer = _ask(port, _ELECT_LEADERS, body)
    answer.number("i")  # throttled for so long
    error = answer.number("h")
    if error:
        raise RuntimeError(f"electing leaders of {topic}: error {error}")
