"""The containers are the same system as everywhere else, and Prometheus sees every process."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from deploy.containers.settings import FILES
from deploy.postgres.bootstrap import SERVICES

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text()
CONTAINERS = yaml.safe_load(COMPOSE)["services"]
PROMETHEUS = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()


def processes() -> dict[str, dict]:
    """Our own processes that keep running."""
    return {
        name: container
        for name, container in CONTAINERS.items()
        if "FLS_METRICS_PORT" in container.get("environment", {})
    }


def test_every_process_of_every_service_has_a_container():
    wanted = {"imports-worker", "pages"}
    for service in SERVICES:
        wanted |= {service, f"{service}-relay", f"{service}-consumer"}
    assert set(processes()) == wanted


def test_prometheus_scrapes_every_process_and_nothing_else_of_ours():
    targets = set()
    for job in PROMETHEUS["scrape_configs"]:
        for group in job.get("static_configs", []):
            targets |= set(group["targets"])
        for lookup in job.get("dns_sd_configs", []):
            targets |= {f"{name}:{lookup['port']}" for name in lookup["names"]}
    ports = {name: c["environment"]["FLS_METRICS_PORT"] for name, c in processes().items()}
    ours = {f"{name}:{port}" for name, port in ports.items()}
    assert targets - ours == {"localhost:9090", "rabbitmq:15692"}
    assert ours <= targets


def test_only_the_edge_and_prometheus_can_be_reached_and_only_from_this_machine():
    published = {name: c["ports"] for name, c in CONTAINERS.items() if "ports" in c}
    assert set(published) == {"edge", "prometheus"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


@pytest.mark.parametrize("name", ["PYTHON", "POSTGRES", "RABBITMQ", "NGINX", "PROMETHEUS"])
def test_every_image_of_others_can_be_chosen(name):
    assert f"${{{name}_IMAGE:-" in COMPOSE


def test_no_image_of_others_is_named_but_by_its_variable():
    named = [container["image"] for container in CONTAINERS.values()]
    assert all(re.fullmatch(r"fracture-audit/[a-z]+|\$\{[A-Z]+_IMAGE:-[^}]+\}", n) for n in named)


def test_our_own_processes_run_without_rights():
    for name, container in processes().items():
        assert container["read_only"] and container["cap_drop"] == ["ALL"], name
        assert container["restart"] == "unless-stopped" and container["healthcheck"], name
        assert "user" not in container, name
    for target in ("service", "jobs", "mail", "pages"):
        stage = DOCKERFILE.split(f" AS {target}\n")[1].split("\nFROM ")[0]
        steps = [line for line in stage.splitlines() if line and not line.startswith("#")]
        assert steps[-1] == "USER fls", target


def test_what_runs_once_runs_before_what_needs_it():
    for service in SERVICES:
        for part in ("", "-relay", "-consumer"):
            needs = CONTAINERS[service + part]["depends_on"]
            assert needs[f"migrate-{service}"]["condition"] == "service_completed_successfully"
            assert needs["topology"]["condition"] == "service_completed_successfully"


def test_every_process_reads_a_settings_file_that_the_job_writes():
    for name, container in CONTAINERS.items():
        wanted = container.get("environment", {}).get("FLS_SETTINGS_FILE")
        if wanted is None:
            continue
        (volume,) = [each for each in container["volumes"] if ":/run/fls" in each]
        folder = volume.split(":")[0].removeprefix("settings-")
        assert f"{folder}/{wanted.removeprefix('/run/fls/')}" in FILES, name


def test_a_process_sees_the_settings_of_its_own_service_only():
    for name in processes():
        volumes = CONTAINERS[name]["volumes"]
        assert volumes == [f"settings-{name.split('-')[0]}:/run/fls:ro"], name


def test_the_image_of_a_service_holds_no_other_service():
    stages = DOCKERFILE.split("\nFROM ")
    service = next(stage for stage in stages if " AS service" in stage)
    plumbing = next(stage for stage in stages if " AS plumbing" in stage)
    assert "COPY services/${SERVICE} services/${SERVICE}" in service
    copied = re.findall(r"COPY (services\S*)", plumbing)
    assert copied == ["services/__init__.py", "services/shared"]


def test_no_image_is_built_from_packages_without_hashes():
    installs = re.findall(r"pip install (.*)", DOCKERFILE)
    assert installs and all(install.startswith("--require-hashes") for install in installs)
