"""Fetches one export with the library that the first argument names, and logs as services do what came of it."""
import logging
import sys
from urllib.parse import urlsplit

logging.basicConfig(level=logging.WARNING, stream=sys.stdout, format="%(asctime)s %(levelname)s %(name)s %(message)s")
log = logging.getLogger("exporter")
library, url = sys.argv[1:3]
seconds = None if sys.argv[3] == "none" else float(sys.argv[3])
parts = urlsplit(url)
port = parts.port or (443 if parts.scheme == "https" else 80)
endpoint = f"{parts.scheme}://{parts.netloc}"


def fetch_requests():
    import requests

    return requests.get(url, timeout=seconds).raise_for_status()


def fetch_requests_retries():
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    session = requests.Session()
    session.mount("https://", HTTPAdapter(max_retries=Retry(total=2, backoff_factor=0.1)))
    return session.get(url, timeout=seconds)


def fetch_urllib3():
    import os

    import urllib3

    proxy, ca = os.environ.get("HTTPS_PROXY"), os.environ["SSL_CERT_FILE"]
    pool = urllib3.ProxyManager(proxy, ca_certs=ca) if proxy else urllib3.PoolManager(ca_certs=ca)
    return pool.request("GET", url, timeout=seconds, retries=urllib3.Retry(1))


def fetch_urllib():
    from urllib.request import urlopen

    return urlopen(url, timeout=seconds).read() if seconds else urlopen(url).read()


def fetch_aiohttp():
    import asyncio

    import aiohttp

    async def fetch():
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=seconds, sock_read=seconds)
        async with aiohttp.ClientSession(timeout=timeout, trust_env=True) as session:
            async with session.get(url) as answer:
                return await answer.read()

    return asyncio.run(fetch())


def fetch_httpx():
    import httpx

    with httpx.Client(timeout=seconds, follow_redirects=True) as client:
        return client.get(url).raise_for_status()


def s3(**more):
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=seconds or 60,
        read_timeout=seconds or 60,
        retries={"total_max_attempts": 1},
        s3={"addressing_style": "path"},
        **more,
    )
    return boto3.client("s3", endpoint_url=endpoint, region_name="eu-central-1", config=config)


def fetch_boto3():
    return s3().get_object(Bucket="exports", Key="42.csv")["Body"].read()


def fetch_boto3_presigned():
    import requests

    signed = s3(signature_version="s3v4").generate_presigned_url(
        "get_object", Params={"Bucket": "exports", "Key": "42.csv"}, ExpiresIn=900
    )
    return requests.get(signed, timeout=seconds).raise_for_status()


def fetch_azure_storage_blob():
    from azure.storage.blob import BlobClient

    signed = f"{endpoint}/exports/42.csv?sv=2024-11-04&sp=r&se=2026-12-01T00%3A00%3A00Z&sig=bGFi"
    timeouts = {"connection_timeout": seconds, "read_timeout": seconds} if seconds else {}
    return BlobClient.from_blob_url(signed, retry_total=0, **timeouts).download_blob().readall()


def fetch_google_cloud_storage():
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import storage

    client = storage.Client("lab", AnonymousCredentials(), client_options={"api_endpoint": endpoint})
    client._http.verify = None
    return client.bucket("exports").blob("42.csv").download_as_bytes(timeout=seconds or 60, retry=None)


def fetch_grpc():
    import os

    import grpc

    with open(os.environ["SSL_CERT_FILE"], "rb") as authority:
        credentials = grpc.ssl_channel_credentials(authority.read())
    channel = grpc.secure_channel(f"{parts.hostname}:{port}", credentials)
    return channel.unary_unary("/exports.v1.Exports/Get")(b"", timeout=seconds or 30)


def fetch_redis():
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    secure = parts.scheme == "https"
    options = {"ssl": True, "ssl_check_hostname": True} if secure else {}
    return redis.Redis(
        parts.hostname,
        port,
        socket_connect_timeout=seconds,
        socket_timeout=seconds,
        retry=Retry(NoBackoff(), 1),
        **options,
    ).ping()


def fetch_kafka_python():
    from kafka import KafkaProducer

    return KafkaProducer(
        bootstrap_servers=f"{parts.hostname}:{port}",
        security_protocol="SSL" if parts.scheme == "https" else "PLAINTEXT",
        bootstrap_timeout_ms=12_000,
        request_timeout_ms=4000,
    )


def fetch_confluent_kafka():
    import os

    from confluent_kafka import Producer

    settings = {"bootstrap.servers": f"{parts.hostname}:{port}", "socket.connection.setup.timeout.ms": 3000, "reconnect.backoff.ms": 2000}
    if parts.scheme == "https":
        settings |= {"security.protocol": "SSL", "ssl.ca.location": os.environ["SSL_CERT_FILE"]}
    producer = Producer({**settings, "error_cb": lambda error: log.error("broker trouble: %s", error)})
    producer.produce("exports", b"42")
    return producer.list_topics(timeout=(seconds or 30) + 1)


try:
    globals()["fetch_" + library.replace("-", "_")]()
    log.warning("export fetched")
except Exception:
    log.exception("export failed")
