using System.Text.Json.Nodes;
using AgentKit.Training.Objectives;

namespace AgentKit.Cli.Train;

/// <summary>Reads an objective's input, computes it, and writes the gradient in the shape of the input.</summary>
internal static class ObjectiveCases
{
    private const string LogProbability = "a log-probability is expected: a number up to 0";

    // Softmaxes in single precision leave certain tokens a rounding error above 0.
    private const double Rounding = 1e-6;

    private static readonly Dictionary<string, DpoVariant> DpoVariants = new()
    {
        ["sigmoid"] = DpoVariant.Sigmoid, ["ipo"] = DpoVariant.Ipo, ["hinge"] = DpoVariant.Hinge,
    };

    private static readonly Dictionary<string, GrpoVariant> GrpoVariants = new()
    {
        ["grpo"] = GrpoVariant.Grpo, ["dapo"] = GrpoVariant.Dapo, ["dr_grpo"] = GrpoVariant.DrGrpo,
    };

    private static readonly Dictionary<string, DistillationDirection> Directions = new()
    {
        ["forward"] = DistillationDirection.Forward, ["reverse"] = DistillationDirection.Reverse,
    };

    private static readonly Dictionary<string, Func<JsonPlace, (double, JsonNode)>> Cases = new(StringComparer.Ordinal)
    {
        ["sft"] = Sft,
        ["dpo"] = Dpo,
        ["simpo"] = SimPo,
        ["orpo"] = Orpo,
        ["kto"] = Kto,
        ["reward"] = Reward,
        ["grpo"] = Grpo,
        ["rloo"] = Rloo,
        ["ppo"] = Ppo,
        ["distill"] = Distill,
    };

    /// <summary>The objectives by name.</summary>
    public static IReadOnlyCollection<string> Names => Cases.Keys;

    public static (double Loss, JsonNode Gradient) Compute(string name, JsonPlace input) => Cases[name](input);

    private static (double, JsonNode) Sft(JsonPlace input)
    {
        input.Knowing("logits", "targets", "weights");
        double[][] logits = Rows(input.Field("logits"));
        double[] weights = TokenWeights(input, logits.Length);
        JsonPlace[] targets = input.Field("targets").Items(logits.Length, "logits");
        int[] tokens = [.. targets.Select((target, t) => target.Integer(
            $"a token is expected: 0 to {logits[t].Length - 1}, or a negative number where the weight is 0",
            token => token < logits[t].Length && (token >= 0 || weights[t] == 0)))];
        return Written(SftObjective.ComputeFromLogits(logits, tokens, weights), Node);
    }

    private static (double, JsonNode) Dpo(JsonPlace input)
    {
        input.Knowing("beta", "label_smoothing", "variant", "pairs");
        DpoOptions options = new()
        {
            Beta = Positive(input, "beta", 0.1),
            Variant = input.Has("variant") ? input.Field("variant").OneOf(DpoVariants) : DpoVariant.Sigmoid,
        };
        options = options with { LabelSmoothing = Smoothing(input.Field("label_smoothing"), options.Variant) };
        return Written(DpoObjective.Compute(Pairs(input, needsReference: true), options), Node);
    }

    private static (double, JsonNode) SimPo(JsonPlace input)
    {
        input.Knowing("beta", "gamma", "pairs");
        SimPoOptions options = new() { Beta = Positive(input, "beta", 2), Gamma = NotNegative(input, "gamma", 0.5) };
        return Written(SimPoObjective.Compute(Pairs(input, needsReference: false), options), Node);
    }

    private static (double, JsonNode) Orpo(JsonPlace input)
    {
        input.Knowing("lambda", "pairs");
        PreferencePair<CompletionLogProbabilities>[] pairs = Pairs(input, needsReference: false);
        JsonPlace[] places = input.Field("pairs").Items();
        for (int i = 0; i < pairs.Length; i++)
        {
            CheckUncertain(places[i].Field("chosen"), pairs[i].Chosen);
            CheckUncertain(places[i].Field("rejected"), pairs[i].Rejected);
        }

        return Written(OrpoObjective.Compute(pairs, new() { Lambda = NotNegative(input, "lambda", 0.1) }), Node);
    }

    private static (double, JsonNode) Kto(JsonPlace input)
    {
        input.Knowing("beta", "desirable_weight", "undesirable_weight", "kl", "rows");
        KtoOptions options = new()
        {
            Beta = Positive(input, "beta", 0.1),
            DesirableWeight = NotNegative(input, "desirable_weight", 1),
            UndesirableWeight = NotNegative(input, "undesirable_weight", 1),
        };
        LabelledCompletion[] rows = [.. input.Field("rows").Items().Select(row => new LabelledCompletion(
            Completion(row.Knowing("logp", "ref_logp", "old_logp", "label"), needsReference: true), row.Field("label").Boolean()))];
        return Written(KtoObjective.Compute(rows, input.Field("kl").Number(), options), Node);
    }

    private static (double, JsonNode) Reward(JsonPlace input)
    {
        PreferencePair<double>[] pairs = [.. input.Knowing("pairs").Field("pairs").Items().Select(pair => new PreferencePair<double>(
            pair.Knowing("chosen", "rejected").Field("chosen").Number(), pair.Field("rejected").Number()))];
        return Written(RewardObjective.Compute(pairs), gradient => List(
            gradient, pair => new JsonObject { ["chosen"] = pair.Chosen, ["rejected"] = pair.Rejected }));
    }

    private static (double, JsonNode) Grpo(JsonPlace input)
    {
        input.Knowing("clip_low", "clip_high", "kl_beta", "variant", "scale_rewards", "max_length", "groups");
        GrpoVariant variant = input.Has("variant") ? input.Field("variant").OneOf(GrpoVariants) : GrpoVariant.Grpo;
        bool needsLength = variant == GrpoVariant.DrGrpo || input.Has("max_length");
        GrpoOptions options = new()
        {
            ClipLow = input.Field("clip_low").NumberOr(0.2, "a number from 0 to 1 is expected", value => value is >= 0 and <= 1),
            ClipHigh = NotNegative(input, "clip_high", 0.2),
            KlBeta = NotNegative(input, "kl_beta", 0.04),
            Variant = variant,
            ScaleRewards = !input.Has("scale_rewards") || input.Field("scale_rewards").Boolean(),
            MaxLength = needsLength ? input.Field("max_length").Integer("a whole number above 0 is expected", value => value > 0) : null,
        };
        CompletionGroup[] groups = Groups(input, options.KlBeta > 0, needsOld: true, variant == GrpoVariant.DrGrpo ? options.MaxLength : null);
        return Written(GrpoObjective.Compute(groups, options), gradient => List(gradient, Node));
    }

    private static (double, JsonNode) Rloo(JsonPlace input)
    {
        input.Knowing("kl_beta", "groups");
        RlooOptions options = new() { KlBeta = NotNegative(input, "kl_beta", 0.05) };
        return Written(RlooObjective.Compute(Groups(input, options.KlBeta > 0, needsOld: false, null), options), gradient => List(gradient, Node));
    }

    private static (double, JsonNode) Ppo(JsonPlace input)
    {
        input.Knowing("clip", "value_clip", "value_coefficient", "rows");
        PpoOptions options = new()
        {
            Clip = input.Field("clip").NumberOr(0.2, "a number from 0 to 1 is expected", value => value is >= 0 and <= 1),
            ValueClip = input.Has("value_clip") ? NotNegative(input, "value_clip", 0) : null,
            ValueCoefficient = NotNegative(input, "value_coefficient", 0.5),
        };
        PpoRow[] rows = [.. input.Field("rows").Items().Select(row => PpoRowOf(row, options.ValueClip is not null))];
        return Written(PpoObjective.Compute(rows, options), gradient => List(
            gradient, row => new JsonObject { ["logp"] = Node(row.LogProbabilities), ["values"] = Node(row.Values) }));
    }

    private static (double, JsonNode) Distill(JsonPlace input)
    {
        input.Knowing("temperature", "direction", "student", "teacher", "weights");
        DistillationOptions options = new()
        {
            Temperature = Positive(input, "temperature", 1),
            Direction = input.Has("direction") ? input.Field("direction").OneOf(Directions) : DistillationDirection.Forward,
        };
        double[][] student = Rows(input.Field("student"));
        double[][] teacher = [.. input.Field("teacher").Items(student.Length, "student").Select((row, t) => row.Numbers(student[t].Length, $"student[{t}]"))];
        return Written(DistillationObjective.Compute(student, teacher, TokenWeights(input, student.Length), options), Node);
    }

    private static double Positive(JsonPlace input, string name, double absent) =>
        input.Field(name).NumberOr(absent, "a number above 0 is expected", value => value > 0);

    private static double NotNegative(JsonPlace input, string name, double absent) =>
        input.Field(name).NumberOr(absent, "a number of 0 or more is expected", value => value >= 0);

    private static double Smoothing(JsonPlace place, DpoVariant variant) => variant == DpoVariant.Sigmoid
        ? place.NumberOr(0, "a number from 0 up to below 0.5 is expected", value => value is >= 0 and < 0.5)
        : place.NumberOr(0, $"only 0 is allowed with this variant: label smoothing belongs to sigmoid", value => value == 0);

    private static double[] TokenWeights(JsonPlace input, int tokens)
    {
        JsonPlace place = input.Field("weights");
        string like = input.Has("logits") ? "logits" : "student";
        double[] weights = [.. place.Items(tokens, like).Select(item => item.Number("a number of 0 or more is expected", value => value >= 0))];
        return weights.Any(weight => weight > 0) ? weights : throw place.Fault("are all 0", "at least one weight above 0 is needed");
    }

    private static double[][] Rows(JsonPlace place) => [.. place.Items().Select(row => row.Numbers())];

    private static PreferencePair<CompletionLogProbabilities>[] Pairs(JsonPlace input, bool needsReference) => [.. input.Field("pairs").Items().Select(pair =>
        new PreferencePair<CompletionLogProbabilities>(
            Completion(pair.Knowing("chosen", "rejected").Field("chosen").Knowing("logp", "ref_logp", "old_logp"), needsReference),
            Completion(pair.Field("rejected").Knowing("logp", "ref_logp", "old_logp"), needsReference)))];

    private static CompletionGroup[] Groups(JsonPlace input, bool needsReference, bool needsOld, int? longest) => [.. input.Field("groups").Items().Select(group =>
    {
        JsonPlace[] completions = group.Knowing("rewards", "completions").Field("completions").Items(2);
        return new CompletionGroup(
            group.Field("rewards").Numbers(completions.Length, "completions"),
            [.. completions.Select(completion => Completion(completion.Knowing("logp", "ref_logp", "old_logp"), needsReference, needsOld, longest))]);
    })];

    private static CompletionLogProbabilities Completion(JsonPlace place, bool needsReference, bool needsOld = false, int? longest = null)
    {
        double[] policy = LogProbabilities(place.Field("logp").Items());
        if (policy.Length > longest) throw place.Field("logp").Fault($"has {policy.Length} items", $"max_length allows {longest}");
        return new(
            policy,
            needsReference ? LogProbabilities(place.Field("ref_logp").Items(policy.Length, "logp")) : null,
            needsOld ? LogProbabilities(place.Field("old_logp").Items(policy.Length, "logp")) : null);
    }

    private static double[] LogProbabilities(JsonPlace[] items) => [.. items.Select(item => item.Number(LogProbability, value => value <= Rounding))];

    private static void CheckUncertain(JsonPlace place, CompletionLogProbabilities completion)
    {
        if (completion.Policy.Average() >= 0) throw place.Field("logp").Fault("is 0 on average", "below 0 is needed: the odds of a certain text are infinite");
    }

    private static PpoRow PpoRowOf(JsonPlace row, bool clipsValues)
    {
        row.Knowing("logp", "old_logp", "advantages", "values", "old_values", "returns");
        CompletionLogProbabilities completion = Completion(row, needsReference: false, needsOld: true);
        double[] Numbers(string name) => row.Field(name).Numbers(completion.Tokens, "logp");
        return new(completion, Numbers("advantages"), Numbers("values"), Numbers("returns"), clipsValues ? Numbers("old_values") : null);
    }

    private static (double, JsonNode) Written<T>(ObjectiveResult<T> result, Func<T, JsonNode> write) => (result.Loss, write(result.Gradient));

    private static JsonArray Node(double[] values) => List(values, value => JsonValue.Create(value));

    private static JsonArray Node(double[][] rows) => List(rows, Node);

    private static JsonArray Node(PreferencePair<double[]>[] pairs) => List(
        pairs, pair => new JsonObject { ["chosen"] = Node(pair.Chosen), ["rejected"] = Node(pair.Rejected) });

    private static JsonArray List<T>(IEnumerable<T> items, Func<T, JsonNode> write) => new([.. items.Select(write)]);
}
