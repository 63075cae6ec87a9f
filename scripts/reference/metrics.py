"""The page of metrics. For make_reference.py."""

from scripts.reference.markdown import table

from dragoman.observe.metrics import Metrics


def metrics_page() -> str:
    rows = []
    for metric in vars(Metrics()).values():
        if not hasattr(metric, "describe"):
            continue
        family = next(iter(metric.describe()))
        name = family.name + ("_total" if family.type == "counter" else "")
        labels = ", ".join(f"`{label}`" for label in metric._labelnames)
        rows.append((f"`{name}`", family.type, labels, family.documentation))
    return (
        "# Metrics\n\n"
        "In Prometheus' names and units. Each process of `dragoman up` counts its own and serves them at `/metrics`\n"
        "to who has the service token.\n\n" + table(("metric", "type", "labels", "what it counts"), rows)
    )
