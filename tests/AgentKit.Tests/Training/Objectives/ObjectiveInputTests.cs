using System.Text.Json;
using AgentKit.Cli.App;
using AgentKit.Testing;

namespace AgentKit.Tests.Training.Objectives;

/// <summary>What wrong input to <c>train objective</c> is told.</summary>
public sealed class ObjectiveInputTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("sft", """{"logits":[[1,2]],"targets":[2],"weights":[1]}""", "targets[0] is 2", "0 to 1")]
    [InlineData("sft", """{"logits":[[1,2]],"targets":[0.5],"weights":[1]}""", "targets[0] is 0.5", "0 to 1")]
    [InlineData("sft", """{"logits":[[1,2]],"targets":[0,1],"weights":[1]}""", "targets has 2 items", "1 are needed, as logits has")]
    [InlineData("sft", """{"logits":[[1,"x"]],"targets":[0],"weights":[1]}""", "logits[0][1] is the string \"x\"", "a number is expected")]
    [InlineData("sft", """{"logits":[],"targets":[],"weights":[]}""", "logits has 0 items", "1 or more are needed")]
    [InlineData("sft", """{"logits":[[1,2]],"targets":[0],"weights":[0]}""", "weights are all 0", "above 0")]
    [InlineData("sft", """{"logits":[[1,2]],"targets":[0],"weights":[-1]}""", "weights[0] is -1", "0 or more")]
    [InlineData("sft", """{"logits":[[1,1e999]],"targets":[0],"weights":[1]}""", "logits[0][1] is 1e999", "a number is expected")]
    [InlineData("sft", """{"targets":[0],"weights":[1]}""", "logits is missing", "an array is expected")]
    [InlineData("sft", "[]", "the document is an array", "an object is expected")]
    [InlineData("dpo", """{"pairs":[{"chosen":{"logp":[-1],"ref_logp":[-1]},"rejected":{"logp":[-1]}}]}""", "pairs[0].rejected.ref_logp is missing", "an array")]
    [InlineData("dpo", """{"pairs":[{"chosen":{"logp":[0.5],"ref_logp":[-1]},"rejected":{"logp":[-1],"ref_logp":[-1]}}]}""", "pairs[0].chosen.logp[0] is 0.5", "up to 0")]
    [InlineData("dpo", """{"beta":0,"pairs":[]}""", "beta is 0", "above 0")]
    [InlineData("dpo", """{"variant":"exo","pairs":[]}""", "variant is the string \"exo\"", "sigmoid, ipo, hinge")]
    [InlineData("dpo", """{"variant":"ipo","label_smoothing":0.1,"pairs":[]}""", "label_smoothing is 0.1", "only 0")]
    [InlineData("dpo", """{"label_smothing":0.1,"pairs":[]}""", "label_smothing is not a known field", "label_smoothing")]
    [InlineData("orpo", """{"pairs":[{"chosen":{"logp":[0]},"rejected":{"logp":[-1]}}]}""", "pairs[0].chosen.logp is 0 on average", "below 0")]
    [InlineData("kto", """{"kl":0,"rows":[{"logp":[-1],"ref_logp":[-1],"label":1}]}""", "rows[0].label is 1", "true or false")]
    [InlineData("kto", """{"rows":[{"logp":[-1],"ref_logp":[-1],"label":true}]}""", "kl is missing", "a number")]
    [InlineData("grpo", """{"variant":"dr_grpo","groups":[]}""", "max_length is missing", "a whole number above 0")]
    [InlineData("grpo", """{"groups":[{"rewards":[1],"completions":[{"logp":[-1]}]}]}""", "groups[0].completions has 1 items", "2 or more")]
    [InlineData("reward", """{"pairs":[{"chosen":1}]}""", "pairs[0].rejected is missing", "a number")]
    [InlineData("distill", """{"student":[[1,2]],"teacher":[[1]],"weights":[1]}""", "teacher[0] has 1 items", "2 are needed, as student[0] has")]
    public async Task Objective_WrongInput_NamesFileFieldFoundAndAllowed(string name, string json, string found, string allowed)
    {
        string file = _folder.Write("input.json", json);
        CliRun run = await CliRun.OfAsync("train", "objective", "--name", name, "--input", file, "--json");
        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Contains(file, run.Error, StringComparison.Ordinal);
        Assert.Contains(found, run.Error, StringComparison.Ordinal);
        Assert.Contains(allowed, run.Error, StringComparison.Ordinal);
        Assert.Contains(found, JsonDocument.Parse(run.Out).RootElement.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Objective_BrokenJson_NamesTheLine()
    {
        string file = _folder.Write("input.json", "{\n\"pairs\": [,]}");
        CliRun run = await CliRun.OfAsync("train", "objective", "--name", "dpo", "--input", file);
        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Contains("line 2", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Objective_UnknownName_ListsTheKnown()
    {
        CliRun run = await CliRun.OfAsync("train", "objective", "--name", "dop", "--input", "x.json");
        Assert.Equal(ExitCode.WrongInput, run.ExitCode);
        Assert.Contains("simpo", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Objective_WithoutJson_PrintsLossAndGradient()
    {
        string file = _folder.Write("input.json", """{"pairs":[{"chosen":2,"rejected":2}]}""");
        CliRun run = await CliRun.OfAsync("train", "objective", "--name", "reward", "--input", file);
        Assert.Equal("loss = 0.6931471805599453\ngradient = [{\"chosen\":-0.5,\"rejected\":0.5}]\n", run.Out.ReplaceLineEndings("\n"));
    }
}
