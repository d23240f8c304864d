"""Writes objectives.json: training objectives computed from their published equations with 50 digits (mpmath), gradients by numerical
differentiation at that precision. Nothing here is shared with the code under test. Run: python3 objectives.py > objectives.json"""
import copy
import json
import random

from mpmath import diff, exp, log, mp, mpf, sqrt

mp.dps = 50
random.seed(7)


def sigmoid(x):
    return 1 / (1 + exp(-x))


def softmax(row, temperature=1):
    powers = [exp(x / temperature) for x in row]
    return [p / sum(powers) for p in powers]


def mean(values):
    return sum(values) / len(values)


def sft(case):
    total = sum(case["weights"])
    return -sum(w * log(softmax(row)[y]) for row, y, w in zip(case["logits"], case["targets"], case["weights"]) if w) / total


def dpo(case):
    def loss(pair):
        def ratio(c):
            values = [a - b for a, b in zip(c["logp"], c["ref_logp"])]
            return mean(values) if case["variant"] == "ipo" else sum(values)
        margin, beta, e = ratio(pair["chosen"]) - ratio(pair["rejected"]), case["beta"], case["label_smoothing"]
        if case["variant"] == "ipo":
            return (margin - 1 / (2 * beta)) ** 2
        if case["variant"] == "hinge":
            return max(mpf(0), 1 - beta * margin)
        return -(1 - e) * log(sigmoid(beta * margin)) - e * log(sigmoid(-beta * margin))
    return mean([loss(p) for p in case["pairs"]])


def simpo(case):
    return mean([-log(sigmoid(case["beta"] * (mean(p["chosen"]["logp"]) - mean(p["rejected"]["logp"])) - case["gamma"])) for p in case["pairs"]])


def orpo(case):
    def loss(pair):
        def odds(c):
            p = exp(mean(c["logp"]))
            return p / (1 - p)
        return -mean(pair["chosen"]["logp"]) - case["lambda"] * log(sigmoid(log(odds(pair["chosen"]) / odds(pair["rejected"]))))
    return mean([loss(p) for p in case["pairs"]])


def kto(case):
    def loss(row):
        r = sum(row["logp"]) - sum(row["ref_logp"])
        if row["label"]:
            return case["desirable_weight"] * (1 - sigmoid(case["beta"] * (r - case["kl"])))
        return case["undesirable_weight"] * (1 - sigmoid(case["beta"] * (case["kl"] - r)))
    return mean([loss(r) for r in case["rows"]])


def surrogate(new, old, advantage, low, high):
    ratio = exp(new - old)
    return -min(ratio * advantage, min(max(ratio, 1 - low), 1 + high) * advantage)


def grpo(case):
    per_completion = []
    for group in case["groups"]:
        m = mean(group["rewards"])
        s = sqrt(sum((r - m) ** 2 for r in group["rewards"]) / (len(group["rewards"]) - 1))
        for r, c in zip(group["rewards"], group["completions"]):
            a = (r - m) / (s + mpf("1e-4")) if case["scale_rewards"] else r - m
            tokens = []
            for new, old, ref in zip(c["logp"], c["old_logp"], c["ref_logp"]):
                k3 = exp(ref - new) - (ref - new) - 1
                tokens.append(surrogate(new, old, a, case["clip_low"], case["clip_high"]) + case["kl_beta"] * k3)
            per_completion.append(tokens)
    flat = [t for tokens in per_completion for t in tokens]
    if case["variant"] == "grpo":
        return mean([mean(tokens) for tokens in per_completion])
    return sum(flat) / (len(flat) if case["variant"] == "dapo" else len(per_completion) * case["max_length"])


def rloo(case):
    losses = []
    for group in case["groups"]:
        # Advantages are constants of the derivative, so they come from the values that are not perturbed.
        fixed = [r - case["kl_beta"] * sum(a - b for a, b in zip(c["fixed"], c["ref_logp"])) for r, c in zip(group["rewards"], group["completions"])]
        for i, c in enumerate(group["completions"]):
            losses.append(-(fixed[i] - mean(fixed[:i] + fixed[i + 1:])) * sum(c["logp"]))
    return mean(losses)


def ppo(case):
    tokens = []
    for row in case["rows"]:
        for i, new in enumerate(row["logp"]):
            v, r, o, c = row["values"][i], row["returns"][i], row["old_values"][i], case["value_clip"]
            square = max((v - r) ** 2, (min(max(v, o - c), o + c) - r) ** 2)
            tokens.append(surrogate(new, row["old_logp"][i], row["advantages"][i], case["clip"], case["clip"]) + case["value_coefficient"] * square / 2)
    return mean(tokens)


def reward(case):
    return mean([-log(sigmoid(p["chosen"] - p["rejected"])) for p in case["pairs"]])


def distill(case):
    def divergence(student, teacher):
        s, t = softmax(student, case["temperature"]), softmax(teacher, case["temperature"])
        if case["direction"] == "forward":
            return sum(b * log(b / a) for a, b in zip(s, t))
        return sum(a * log(a / b) for a, b in zip(s, t))
    total = sum(case["weights"])
    return case["temperature"] ** 2 * sum(w * divergence(s, t) for s, t, w in zip(case["student"], case["teacher"], case["weights"])) / total


def exact(value):
    if isinstance(value, dict):
        return {k: exact(v) for k, v in value.items()}
    if isinstance(value, list):
        return [exact(v) for v in value]
    return mpf(value) if isinstance(value, float) else value


def gradient(function, case, pick):
    """Replaces every number below pick(case) by the derivative of the loss."""
    def derive(path):
        node = pick(case)
        for key in path:
            node = node[key]
        if isinstance(node, (dict, list)):
            items = node.items() if isinstance(node, dict) else enumerate(node)
            parts = {key: derive(path + [key]) for key, _ in items}
            return parts if isinstance(node, dict) else list(parts.values())

        def at(x):
            changed = copy.deepcopy(case)
            holder = pick(changed)
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = x
            return function(changed)
        return float(diff(at, mpf(node), h=mpf("1e-18")))
    return derive([])


def tokens(n, scale=3.0):
    return [round(-random.random() ** 2 * scale - 0.01, 6) for _ in range(n)]


def completion(n, *names):
    logp = tokens(n)
    near = {name: [round(min(x + random.gauss(0, 0.35), -0.001), 6) for x in logp] for name in names}
    return {"logp": logp, **near}


def pairs(*names):
    return [{"chosen": completion(3, *names), "rejected": completion(5, *names)}, {"chosen": completion(4, *names), "rejected": completion(2, *names)},
            {"chosen": completion(1, *names), "rejected": completion(6, *names)}]


def groups():
    return [{"rewards": [1.0, 0.0, 0.25], "completions": [completion(n, "old_logp", "ref_logp") for n in (4, 2, 5)]},
            {"rewards": [0.5, -1.0], "completions": [completion(n, "old_logp", "ref_logp") for n in (3, 1)]}]


def rows(t, v):
    return [[round(random.gauss(0, 2), 6) for _ in range(v)] for _ in range(t)]


def same(value, field=None):
    return value


def only(field):
    return lambda items: [item[field] for item in items]


CASES = []


def add(name, function, case, pick, shape=None):
    numbers = exact(case)
    loss = function(numbers)
    whole = gradient(function, numbers, pick)
    CASES.append({"name": name, "input": strip(case), "loss": float(loss), "gradient": shape(whole) if shape else whole})


def strip(value):
    if isinstance(value, dict):
        return {k: strip(v) for k, v in value.items() if k != "fixed"}
    return [strip(v) for v in value] if isinstance(value, list) else value


def policy(value):
    if isinstance(value, dict):
        return value["logp"] if "logp" in value else {k: policy(v) for k, v in value.items()}
    return [policy(v) for v in value]


def completions(value):
    return [[c["logp"] for c in g["completions"]] for g in value]


add("sft", sft, {"logits": rows(5, 7), "targets": [0, 6, 3, 2, 5], "weights": [1.0, 0.0, 1.0, 0.1, 2.5]}, lambda c: c["logits"])
add("sft", sft, {"logits": [[800.0, -700.0, 799.0], [-3.5, 2.0, 1e-3]], "targets": [2, 0], "weights": [1.0, 1.0]}, lambda c: c["logits"])
for variant, smoothing in (("sigmoid", 0.0), ("sigmoid", 0.15), ("ipo", 0.0), ("hinge", 0.0)):
    add("dpo", dpo, {"beta": 0.3, "label_smoothing": smoothing, "variant": variant, "pairs": pairs("ref_logp")}, lambda c: c["pairs"], policy)
add("simpo", simpo, {"beta": 2.0, "gamma": 0.5, "pairs": pairs()}, lambda c: c["pairs"], policy)
add("orpo", orpo, {"lambda": 0.25, "pairs": pairs()}, lambda c: c["pairs"], policy)
add("kto", kto, {"beta": 0.2, "desirable_weight": 1.0, "undesirable_weight": 1.33, "kl": 0.4, "rows":
    [{**completion(n, "ref_logp"), "label": label} for n, label in ((3, True), (4, False), (1, True), (2, False))]}, lambda c: c["rows"], policy)
for variant in ("grpo", "dapo", "dr_grpo"):
    for scaled in (True, False):
        add("grpo", grpo, {"clip_low": 0.2, "clip_high": 0.28, "kl_beta": 0.04, "variant": variant, "scale_rewards": scaled, "max_length": 8,
                           "groups": groups()}, lambda c: c["groups"], completions)
sampled = groups()
for group in sampled:
    for item in group["completions"]:
        item["fixed"] = list(item["logp"])
add("rloo", rloo, {"kl_beta": 0.05, "groups": sampled}, lambda c: c["groups"], completions)
add("ppo", ppo, {"clip": 0.2, "value_clip": 0.2, "value_coefficient": 0.5, "rows": [
    {**completion(n, "old_logp"), "advantages": [round(random.gauss(0, 1), 6) for _ in range(n)], "values": [round(random.gauss(0, 1), 6) for _ in range(n)],
     "old_values": [round(random.gauss(0, 1), 6) for _ in range(n)], "returns": [round(random.gauss(0, 1), 6) for _ in range(n)]} for n in (3, 5)]},
    lambda c: c["rows"], lambda g: [{"logp": r["logp"], "values": r["values"]} for r in g])
add("reward", reward, {"pairs": [{"chosen": 1.25, "rejected": -0.5}, {"chosen": -2.0, "rejected": 3.5}, {"chosen": 40.0, "rejected": -60.0}]}, lambda c: c["pairs"])
for direction in ("forward", "reverse"):
    add("distill", distill, {"temperature": 1.7, "direction": direction, "student": rows(3, 5), "teacher": rows(3, 5), "weights": [1.0, 0.5, 0.0]},
        lambda c: c["student"])
print("[\n" + ",\n".join(json.dumps(case) for case in CASES) + "\n]")
