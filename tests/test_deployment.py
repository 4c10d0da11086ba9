"""The files a server is set up from: every safeguard stands in them, and they speak of the same server."""

import configparser
import re
from pathlib import Path

import pytest

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
COMPOSE = (DEPLOY / "compose.yaml").read_text()


def unit() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(strict=False, delimiters="=", comment_prefixes="#", interpolation=None)
    parser.optionxform = str
    parser.read_string((DEPLOY / "perennial.service").read_text())
    return parser["Service"]


@pytest.mark.parametrize("option, value", {
    "DynamicUser": "yes", "NoNewPrivileges": "yes", "CapabilityBoundingSet": "", "ProtectSystem": "strict",
    "ProtectHome": "yes", "PrivateTmp": "yes", "PrivateDevices": "yes", "RestrictNamespaces": "yes", "LimitCORE": "0",
    "UMask": "0077", "StateDirectoryMode": "0700", "IPAddressDeny": "any", "IPAddressAllow": "localhost",
    "MemoryMax": "4G", "SystemCallArchitectures": "native", "LockPersonality": "yes",
}.items())  # fmt: skip
def test_the_unit_gives_away_nothing(option, value):
    assert unit()[option] == value


def test_the_unit_allows_the_limits_that_reading_takes_upon_itself():
    assert "@resources" not in (DEPLOY / "perennial.service").read_text()


def test_the_image_runs_as_nobody_in_particular_and_says_when_it_is_well():
    assert re.search(r"^USER 10001$", DOCKERFILE, re.MULTILINE)
    assert DOCKERFILE.index("USER 10001") < DOCKERFILE.index("CMD [\"sh\"")
    assert "/healthz" in DOCKERFILE and "HEALTHCHECK" in DOCKERFILE
    assert "ulimit -c 0" in DOCKERFILE and "umask 077" in DOCKERFILE
    assert not re.search(r"^\s*(ADD|ENV .*(SECRET|PASSWORD|TOKEN))", DOCKERFILE, re.MULTILINE)


@pytest.mark.parametrize("line", [
    "read_only: true", 'user: "10001"', "cap_drop: [ALL]", 'security_opt: ["no-new-privileges:true"]', "pids_limit: 256",
    "mem_limit: 4g", "noexec", "internal: true", "secrets.toml:ro",
])  # fmt: skip
def test_the_container_is_closed(line):
    assert line in COMPOSE


def test_the_secrets_are_handed_over_and_the_server_knows_its_name():
    assert unit()["LoadCredential"] == "secrets.toml:/etc/perennial/secrets.toml"
    assert "Environment=PERENNIAL_SECRETS=%d/secrets.toml" in (DEPLOY / "perennial.service").read_text()
    assert "STREAMLIT_SERVER_ALLOWED_HOSTS: ${PERENNIAL_HOST:?" in COMPOSE


def test_no_port_is_published_past_the_proxy():
    assert "ports:" not in COMPOSE
