"""Streams and consumers in the words of JetStream, and how they are made."""

from collections.abc import Iterable

from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from federation.topology import Consumer, Stream


async def prepare_streams(
    jetstream: JetStreamContext, streams: Iterable[Stream], consumers: Iterable[Consumer], replicas: int
) -> None:
    """Make or update streams, then their consumers. Raises the errors of the client."""
    for stream in streams:
        config = stream_config(stream, replicas)
        try:
            await jetstream.stream_info(stream.name)
        except NotFoundError:
            await jetstream.add_stream(config)
        else:
            await jetstream.update_stream(config)
    for consumer in consumers:
        await jetstream.add_consumer(consumer.stream, consumer_config(consumer))


def stream_config(stream: Stream, replicas: int) -> StreamConfig:
    return StreamConfig(
        name=stream.name,
        subjects=list(stream.subjects),
        retention=RetentionPolicy(stream.retention.value),
        storage=StorageType.FILE,
        discard=DiscardPolicy.NEW,
        max_bytes=stream.max_bytes,
        max_age=stream.max_age_s,
        max_msg_size=stream.max_message_bytes,
        duplicate_window=stream.duplicate_window_s,
        num_replicas=replicas,
    )


def consumer_config(consumer: Consumer) -> ConsumerConfig:
    return ConsumerConfig(
        durable_name=consumer.name,
        filter_subject=consumer.subject,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=consumer.ack_wait_s,
        max_ack_pending=consumer.max_in_hand,
    )
