#!/usr/bin/env python3
"""Asserts what must hold of docker-compose.yml, the Dockerfile and the Kubernetes manifests."""
import json
import pathlib
import re
import sys

import yaml

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
WORKERS = ("scheduling", "notifications", "reporting", "auditing")
ONCE = {"migrate", "logins", "audit-key"}
faults = []


def want(holds, what):
    if not holds:
        faults.append(what)


def executables():
    return set(re.findall(r'^ +\.executable\(name: "([^"]+)"', (ROOT / "Package.swift").read_text(), re.M))


def pinned(image, where):
    tag = re.sub(r"\$\{[^}]*:-([^}]*)\}", r"\1", image).partition(":")[2]
    want(tag and tag != "latest", f"{where}: image {image} names no version")


def compose():
    text = (ROOT / "docker-compose.yml").read_text()
    services = yaml.safe_load(text)["services"]
    documented = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.M))
    bare = {
        name for service in services.values() for name, value in service.get("environment", {}).items() if value is None}
    for name in sorted(set(re.findall(r"\$\{([A-Z0-9_]+)", text)) | bare):
        want(name in documented, f".env.example says nothing of {name}")
    want(set(WORKERS) <= set(services), "docker-compose.yml lacks a worker")
    names = executables()
    for name, service in services.items():
        want("image" in service or "build" in service, f"{name}: neither image nor build")
        pinned(service.get("image", ""), name)
        want("container_name" not in service, f"{name}: container_name keeps it from being scaled")
        for other in service.get("depends_on", {}):
            want(other in services, f"{name} depends on {other}, which is not there")
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            want(
                (ROOT / source).is_file() if source.startswith(".") else source in yaml.safe_load(text)["volumes"],
                f"{name}: {source} is neither a file nor a volume")
        if name in ONCE:
            want(service.get("restart") == "no", f"{name} runs once and must not be restarted")
        else:
            want("healthcheck" in service, f"{name}: no healthcheck")
            want("stop_grace_period" in service, f"{name}: no stop_grace_period")
    urls = []
    for name in WORKERS:
        service = services[name]
        want(service["command"] == [name] and name in names, f"{name}: no such executable in Package.swift")
        want("ports" not in service, f"{name}: a fixed port keeps it from being scaled")
        want(service["stop_grace_period"] == "30s", f"{name}: stop_grace_period is not 30s")
        url = service["environment"]["DATABASE_URL"]
        want(f"quorate_{name}:" in url, f"{name}: does not use its own login")
        urls.append(url)
    want(len(set(urls)) == len(WORKERS), "two workers share a login")
    servers = yaml.safe_load(text)["x-servers"]
    for name in (*WORKERS, "migrate"):
        want(servers.items() <= services[name]["environment"].items(), f"{name}: does not take all of x-servers")
    want(services["migrate"]["command"] == ["quorate", "migrate"] and "quorate" in names, "migrate: wrong command")


def dockerfile():
    text = (HERE / "Dockerfile").read_text()
    stages = re.findall(r"^FROM (\S+)", text, re.M)
    want(len(stages) == 2, "Dockerfile: one stage builds, one runs")
    for image in stages:
        pinned(image, "Dockerfile")
    last = text[text.rindex("FROM "):]
    want(re.search(r"^USER (?!root|0\b)", last, re.M), "Dockerfile: runs as root")
    unsent = (ROOT / ".dockerignore").read_text().split()
    for folder in re.findall(r"^(\.quorate\S*)/$", (ROOT / ".gitignore").read_text(), re.M):
        want(folder in unsent, f".dockerignore lets {folder} into the image's build")
    libraries = set(re.findall(r"[\w.+-]+-dev", (ROOT / "scripts/install-dependencies.sh").read_text()))
    missing = sorted(libraries - set(re.findall(r"[\w.+-]+-dev", text)))
    want(not missing, f"Dockerfile: the build lacks {' '.join(missing)}")
    built = re.search(r"for product in ([^;]+);", text)
    want(built and set(built.group(1).split()) == executables(), "Dockerfile: other executables than Package.swift's")
    for source in re.findall(r"^COPY (?!--from)(\S+)", text, re.M):
        want((ROOT / source).exists(), f"Dockerfile copies {source}, which is not there")


def kubernetes():
    folder = HERE / "kubernetes"
    listed = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
    documents = {path.name: yaml.safe_load(path.read_text()) for path in folder.glob("*.yaml")}
    for name in listed:
        want(name in documents, f"kustomization.yaml lists {name}, which is not there")
    for name in WORKERS:
        deployment = documents[f"{name}.yaml"]
        want(f"{name}.yaml" in listed, f"kustomization.yaml leaves out {name}")
        pod = deployment["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        pinned(container["image"], name)
        want(container["command"] == [name], f"{name}: wrong command")
        want(container["livenessProbe"]["httpGet"]["path"] == "/healthz", f"{name}: liveness is not /healthz")
        want(container["readinessProbe"]["httpGet"]["path"] == "/readyz", f"{name}: readiness is not /readyz")
        want(pod["terminationGracePeriodSeconds"] >= 30, f"{name}: too short a grace period")
        want(pod["securityContext"]["runAsNonRoot"] is True, f"{name}: may run as root")
        labels = deployment["spec"]["template"]["metadata"]["labels"].items()
        want(deployment["spec"]["selector"]["matchLabels"].items() <= labels, f"{name}: selects other pods")
    container = documents["migrate.yaml"]["spec"]["template"]["spec"]["containers"][0]
    want(container["command"] == ["quorate", "migrate"], "migrate.yaml: wrong command")


def asked(panels):
    for panel in panels:
        yield from (target["expr"] for target in panel.get("targets", []))
        yield from asked(panel.get("panels", []))


def dashboard():
    """The questions of the dashboard as a file of rules for promtool."""
    panels = json.loads((HERE / "grafana/quorate.json").read_text())["panels"]
    rules = [{"record": f"dashboard:question:{n}", "expr": expr} for n, expr in enumerate(asked(panels))]
    return {"groups": [{"name": "dashboard", "rules": rules}]}


if sys.argv[1:] == ["dashboard"]:
    yaml.safe_dump(dashboard(), sys.stdout)
    sys.exit()
for check in (compose, dockerfile, kubernetes):
    check()
for line in faults:
    print(line, file=sys.stderr)
if faults:
    sys.exit(1)
print("deployment files: fine")
