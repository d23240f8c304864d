using System.Text.Json.Nodes;
using AgentKit.Cli.App;
using AgentKit.Testing;
using AgentKit.Tests.Support;
using AgentKit.Tests.Support.Gguf;

namespace AgentKit.Tests.Training.Runs;

/// <summary>The examples of configurations run as they are, but for a step and another folder.</summary>
public sealed class SampleConfigTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NativeTheory]
    [InlineData("sft", "sft")]
    [InlineData("dpo", "dpo")]
    [InlineData("kto", "kto")]
    [InlineData("reward", "reward")]
    [InlineData("grpo", "grpo")]
    [InlineData("grpo", "grpo-tools")]
    [InlineData("ppo", "ppo")]
    [InlineData("distill", "distill")]
    public async Task Sample_OfEachCommand_Runs(string command, string sample)
    {
        string text = Repository.Read("samples", "training", $"{sample}.json");
        Assert.Contains($"agentkit train {command} --config samples/training/{sample}.json", text, StringComparison.Ordinal);
        JsonObject config = JsonNode.Parse(text, documentOptions: new() { CommentHandling = System.Text.Json.JsonCommentHandling.Skip, AllowTrailingCommas = true })!.AsObject();
        config["data"] = Repository.PathOf("samples", "training", (string)config["data"]!);
        config["out"] = "run";
        config["model"] = TestModel.Create(_folder["model.gguf"], new() { ContextLength = 2048 });
        if (command == "distill") config["teacher"] = config["model"]!.DeepClone();
        config["max_steps"] = 1;
        config["threads"] = 1;
        if (command is "grpo" or "ppo") config["max_new_tokens"] = 4;
        CliRun run = await CliRun.OfAsync("train", command, "--config", _folder.Write("run.json", config.ToJsonString()));
        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.ExitCode == ExitCode.Done ? "" : run.Error));
        Assert.True(File.Exists(_folder[Path.Combine("run", "adapter.gguf")]));
    }
}
