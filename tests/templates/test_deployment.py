"""The files of a deployment agree with the program that they deploy, and with one another."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests import production
from tests.istmo.runtime.notes import service as notes
from tests.templates import deployment as files
from tests.templates.deployment import FILLED, HOME, KUBERNETES, README, ROOT, VARIABLES

from istmo.cli.table import COMMANDS
from istmo.errors import KitError
from istmo.runtime import create_app, safety
from istmo.runtime.settings import SECRETS, Limits, Settings, examine, load

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
TEXTS = {
    str(path.relative_to(HOME)): path.read_text(encoding="utf-8")
    for path in sorted(HOME.rglob("*"))
    if path.is_file() and "secrets" not in path.relative_to(HOME).parts
}
SETTINGS = {"compose": files.compose_settings, "cluster": files.cluster_settings}


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def routes(path: str) -> bool:
    """Whether the application answers a path."""
    app = create_app(notes(), settings=load(database="sqlite:///:memory:"))
    found = app.kernel.router.find(path)
    return found is not None and "GET" in found[0].methods


# ---------------------------------------------------------------------- settings


@pytest.mark.parametrize("name", TEXTS)
def test_every_variable_that_a_file_names_is_a_setting(name: str) -> None:
    assert set(re.findall(r"\bISTMO_[A-Z_]+", TEXTS[name])) - VARIABLES == set()


def test_one_machine_and_a_cluster_set_the_same() -> None:
    assert set(files.compose_settings()) == set(files.cluster_settings())


@pytest.mark.parametrize("where", SETTINGS)
def test_as_they_lie_they_refuse_to_start(where: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in SETTINGS[where]().items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv(SECRETS, str(tmp_path))

    settings, wrong = examine()

    assert settings is not None
    assert {error.code for error in wrong} == {"unsafe-settings"}
    expected = {"ISTMO_COUNTRY", "ISTMO_OPERATOR", "ISTMO_CONTACT", "ISTMO_BASE_URL", "ISTMO_HOSTS", "ISTMO_JWKS"}
    if where == "cluster":
        expected |= {"ISTMO_PROXIES"}
    assert set(safety.placeholders(settings)) == expected
    told = " ".join(error.hint for error in wrong)
    assert {name for name in VARIABLES if re.search(rf"\b{name}\b", told)} >= expected | {
        "ISTMO_ISSUER",
        "ISTMO_AUDIENCE",
    }


def secrets(folder: Path, mode: int) -> Path:
    """Secrets as a cluster mounts them: links to links, so that all change at once."""
    (folder / "..2027").mkdir(parents=True)
    production.signing_key(folder / "..2027", mode)
    (folder / "..2027/istmo_database").write_text("postgresql://istmo:secret@database/istmo\n", encoding="utf-8")
    (folder / "..data").symlink_to("..2027")
    for name in ("istmo_database", "signing-key.json"):
        (folder / name).symlink_to(f"..data/{name}")
    return folder


@pytest.mark.parametrize("where", SETTINGS)
def test_filled_in_they_start(where: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = {**SETTINGS[where](), **FILLED, "ISTMO_JWKS": "https://id.agency.test/jwks.json"}
    home = secrets(tmp_path / "secrets", 0o440)
    for name, value in found.items():
        monkeypatch.setenv(name, str(value).replace(found[SECRETS], str(home)))

    settings = load()

    assert not settings.sandbox
    assert settings.database == "postgresql://istmo:secret@database/istmo"
    assert settings.signing_key == home / "signing-key.json"
    home.joinpath("..2027/signing-key.json").chmod(0o444)
    with pytest.raises(KitError, match="signing key"):
        load()


def test_the_machine_is_the_proxy_that_compose_declares() -> None:
    (network,) = files.compose()["networks"]["outside"]["ipam"]["config"]

    assert files.compose_settings()["ISTMO_PROXIES"] == network["gateway"]


# ---------------------------------------------------------------------- the guide


def rows(page: Path) -> dict[str, tuple[str, str]]:
    """The table of variables: name -> default and what production asks for."""
    text = page.read_text(encoding="utf-8")
    found = re.findall(r"^\| `(ISTMO_[A-Z_]+)` \| (\S.*?) \| (\S+) \| ", text, re.MULTILINE)
    assert len({name for name, _, _ in found}) == len(found)
    return {name: (default.strip("`"), need.strip("*")) for name, default, need in found}


def written(value: Any) -> str:
    """A default as a person would set it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        value = ",".join(value)
    return "-" if value in {None, ""} else str(value)


def test_the_guide_lists_every_variable_with_its_default() -> None:
    defaults = {f"ISTMO_{name.upper()}": field.default for name, field in Settings.model_fields.items()}
    defaults |= {f"ISTMO_LIMIT_{name.upper()}": field.default for name, field in Limits.model_fields.items()}
    defaults = {name: written(default) for name, default in defaults.items() if name in VARIABLES}
    defaults |= {SECRETS: "-", "ISTMO_LANG": "-"}

    assert {name: row[0] for name, row in rows(ROOT / "docs/guides/production.md").items()} == defaults


def test_what_the_guide_demands_is_what_production_refuses_to_miss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needed = {name for name, row in rows(ROOT / "docs/guides/production.md").items() if row[1] == "yes"}
    whole = production.environment(tmp_path, database="postgresql://database/istmo", allow_sqlite=None)
    assert needed == set(whole)
    for name, value in whole.items():
        monkeypatch.setenv(name, value)
    assert examine()[1] == []
    for name in needed - {"ISTMO_ENVIRONMENT"}:
        with monkeypatch.context() as without:
            without.delenv(name)
            assert examine()[1], name


# ---------------------------------------------------------------------- images and users


def images() -> list[str]:
    used = [item.rest.split()[0] for item in files.instructions() if item.word == "FROM"]
    used += [str(service["image"]) for service in files.compose()["services"].values()]
    return used + [str(container["image"]) for container in files.containers()]


def test_every_image_is_named_by_a_version() -> None:
    for image in images():
        assert re.search(r":[0-9]+(\.[0-9]+)*(-[a-z0-9-]+)?$", image), image
    assert not any("latest" in text for text in TEXTS.values())


def test_our_image_has_the_version_of_the_project() -> None:
    ours = {image for image in images() if "/istmo:" in image}

    assert ours == {f"registry.agency.invalid/istmo:{PROJECT['project']['version']}"}
    assert next(iter(ours)) in TEXTS["README.md"]
    assert next(iter(ours)) in TEXTS["Containerfile"]


def test_the_image_is_of_a_python_that_the_kit_supports() -> None:
    bases = {item.rest.split()[0] for item in files.instructions() if item.word == "FROM"}
    supported = {
        entry.rpartition(" ")[2] for entry in PROJECT["project"]["classifiers"] if re.search(r":: 3\.\d+$", entry)
    }

    (base,) = bases
    assert re.sub(r"^python:([0-9.]+)-slim-.*$", r"\1", base) in supported


def test_nothing_runs_as_root() -> None:
    user = files.one("USER").rest
    assert re.fullmatch(r"[1-9][0-9]+:[1-9][0-9]+", user)
    for pod in files.pods():
        context = pod["spec"]["securityContext"]
        assert context["runAsNonRoot"] is True
        assert f"{context['runAsUser']}:{context['runAsGroup']}" == user
    assert all("user" not in service for service in files.compose()["services"].values()), "the image's user holds"
    assert f"{user.partition(':')[0]} |" in TEXTS["README.md"]


def test_no_container_may_do_more_than_it_needs() -> None:
    for container in files.containers():
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False
        assert context["readOnlyRootFilesystem"] is True
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]
        assert container["resources"]["requests"]["cpu"]
    for pod in files.pods():
        assert pod["spec"]["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["spec"]["automountServiceAccountToken"] is False
        assert pod["spec"]["enableServiceLinks"] is False
    for name, service in files.compose()["services"].items():
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"]
        assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}
        assert service.get("read_only") is (True if "istmo" in service["image"] else None)


def test_the_last_stage_takes_the_installed_kit_and_builds_nothing() -> None:
    last = max(item.stage for item in files.instructions())
    copied = [item.rest for item in files.instructions() if item.stage == last and item.word == "COPY"]
    run = [item.rest for item in files.instructions() if item.stage == last and item.word == "RUN"]

    assert copied == ["--from=build /opt/istmo /opt/istmo"]
    assert run == ["pip uninstall --yes --no-cache-dir --root-user-action ignore pip"]


def test_what_the_build_takes_is_sent_to_it_and_is_what_the_wheel_is_made_of() -> None:
    sent = {line[1:] for line in TEXTS["Containerfile.dockerignore"].splitlines() if line.startswith("!")}
    taken = {
        word
        for item in files.instructions()
        if item.word == "COPY" and item.stage == 0
        for word in item.rest.split()[:-1]
    }
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]

    assert sent == taken
    assert {place.split("/")[0] for place in wheel} <= taken
    assert {PROJECT["project"]["readme"], *PROJECT["project"]["license-files"], "pyproject.toml"} <= taken


# ---------------------------------------------------------------------- commands, ports, probes


def commands() -> list[list[str]]:
    found = [files.one("CMD").command]
    found += [service["command"] for service in files.compose()["services"].values() if "command" in service]
    return found + [container["args"] for container in files.containers() if "args" in container]


def test_every_command_is_one_of_the_program() -> None:
    for program, word, *rest in commands():
        assert program == "istmo"
        assert word in COMMANDS or [word, *rest] == ["db", "upgrade"]


def test_the_ports_agree() -> None:
    command = files.one("CMD").command
    port = int(command[command.index("--port") + 1])
    (published,) = files.compose()["services"]["istmo"]["ports"]
    (service,) = files.kind("Service")
    ports = [port for container in files.containers() for port in container.get("ports", ())]
    into = [rule["ports"] for policy in files.kind("NetworkPolicy") for rule in policy["spec"].get("ingress", ())]

    assert files.one("EXPOSE").rest == str(port)
    assert f"'127.0.0.1', {port}," in files.one("HEALTHCHECK").rest
    assert published == f"127.0.0.1:{port}:{port}"
    assert [(item["name"], item["containerPort"]) for item in ports] == [("http", port)]
    assert [item["targetPort"] for item in service["spec"]["ports"]] == ["http"]
    assert into == [[{"protocol": "TCP", "port": port}]]


def test_the_database_is_published_nowhere() -> None:
    database = files.compose()["services"]["database"]

    assert "ports" not in database
    assert database["networks"] == ["inside"]
    assert files.compose()["networks"]["inside"]["internal"] is True


def test_every_probe_asks_for_an_address_of_the_application() -> None:
    (deployment,) = files.kind("Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    probes = {name: container[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")}
    asked = re.findall(r"'GET', '([^']+)'", files.one("HEALTHCHECK").rest)

    assert {name: probe["path"] for name, probe in probes.items()} == {
        "startup": "/_health/live",
        "liveness": "/_health/live",
        "readiness": "/_health/ready",
    }
    assert {probe["port"] for probe in probes.values()} == {"http"}
    assert asked == ["/_health/ready"]
    assert all(map(routes, [*asked, *(probe["path"] for probe in probes.values())]))
    assert not routes("/_health/other")


def test_what_is_under_way_can_end() -> None:
    (deployment,) = files.kind("Deployment")
    pod = deployment["spec"]["template"]["spec"]
    pause = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    longest = Limits().request_seconds

    assert pod["terminationGracePeriodSeconds"] >= pause + longest + 10
    assert int(files.compose()["services"]["istmo"]["stop_grace_period"].removesuffix("s")) >= longest + 10


# ---------------------------------------------------------------------- order and shape


def test_the_schema_is_upgraded_before_the_service_starts() -> None:
    services = files.compose()["services"]

    assert services["upgrade"]["depends_on"]["database"]["condition"] == "service_healthy"
    assert services["istmo"]["depends_on"]["upgrade"]["condition"] == "service_completed_successfully"
    order = re.findall(r"apply --kustomize (kubernetes/\w+)\n", TEXTS["README.md"])
    assert order == ["kubernetes/settings", "kubernetes/upgrade", "kubernetes/service"]


def test_a_rollout_never_lowers_what_serves() -> None:
    (deployment,) = files.kind("Deployment")
    (scaler,) = files.kind("HorizontalPodAutoscaler")
    (budget,) = files.kind("PodDisruptionBudget")
    labels = deployment["spec"]["template"]["metadata"]["labels"]

    assert deployment["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert deployment["spec"]["replicas"] == scaler["spec"]["minReplicas"] >= 2
    assert scaler["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    assert budget["spec"]["maxUnavailable"] == 1
    selectors = [deployment["spec"]["selector"]["matchLabels"], budget["spec"]["selector"]["matchLabels"]]
    selectors += [service["spec"]["selector"] for service in files.kind("Service")]
    selectors += [
        spread["labelSelector"]["matchLabels"]
        for spread in deployment["spec"]["template"]["spec"]["topologySpreadConstraints"]
    ]
    assert all(selector.items() <= labels.items() for selector in selectors)


def test_nothing_flows_but_what_is_named() -> None:
    first, *others = files.kind("NetworkPolicy")
    labels = [pod["metadata"]["labels"].items() for pod in files.pods()]

    assert first["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for policy in others:
        chosen = policy["spec"]["podSelector"]["matchLabels"].items()
        assert any(chosen <= pod for pod in labels), policy["metadata"]["name"]
        assert set(policy["spec"]) - {"podSelector", "policyTypes"} == {
            kind.lower() for kind in policy["spec"]["policyTypes"]
        }


def test_every_manifest_is_listed_where_it_lies() -> None:
    lists = sorted(KUBERNETES.rglob("kustomization.yaml"))
    reached = set()
    for path in lists:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert (document["apiVersion"], document["kind"]) == ("kustomize.config.k8s.io/v1beta1", "Kustomization")
        assert document.get("namespace", "istmo") == "istmo"
        for name in document["resources"]:
            target = path.parent / name
            assert target.exists(), f"{path}: {name}"
            reached.add(target / "kustomization.yaml" if target.is_dir() else target)

    assert reached >= set(files.files())


# ---------------------------------------------------------------------- secrets


def test_secrets_are_named_and_never_held() -> None:
    assert files.kind("Secret") == []
    for pod in files.pods():
        (volume,) = (volume for volume in pod["spec"]["volumes"] if "secret" in volume)
        assert volume["secret"]["secretName"] == "istmo-secrets"
        assert volume["secret"]["defaultMode"] == 0o440
        (mount,) = (item for item in pod["spec"]["containers"][0]["volumeMounts"] if item["name"] == volume["name"])
        assert mount["mountPath"] == files.cluster_settings()[SECRETS]
    document = files.compose()
    for name, secret in document["secrets"].items():
        assert secret == {"file": f"./secrets/{name}"}
        assert f"`{name}`" in README.read_text(encoding="utf-8")
    used = {name for service in document["services"].values() for name in service.get("secrets", ())}
    assert used == set(document["secrets"])
    assert "`istmo-secrets`" in README.read_text(encoding="utf-8")
    assert not any(
        re.search(r"BEGIN [A-Z ]*PRIVATE|\"d\":|postgresql://\w+:(?!PASSWORD)", text) for text in TEXTS.values()
    )


def test_neither_git_nor_the_build_takes_the_secrets() -> None:
    asked = ["git", "check-ignore", "--quiet", "templates/deployment/secrets/signing-key.json"]
    assert "templates/deployment/secrets" in TEXTS["Containerfile.dockerignore"].splitlines()

    assert subprocess.run(asked, cwd=ROOT, check=False).returncode == 0
