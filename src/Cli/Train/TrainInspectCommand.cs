using System.CommandLine;
using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Cli.Models;
using AgentKit.Training.Engine;
using Spectre.Console;

namespace AgentKit.Cli.Train;

/// <summary><c>agentkit train inspect ADAPTER</c>: what an adapter is, how it was made, and whether it belongs to a model.</summary>
internal static class TrainInspectCommand
{
    private static readonly Argument<string> Adapter = new("ADAPTER") { Description = "A LoRA adapter in GGUF." };

    public static Command Create(CommandHost host) => host.Handle(
        new Command("inspect", "What an adapter changes and how it was made; with -m, whether it was made for that model.") { Adapter },
        "agentkit train inspect runs/sft/adapter.gguf -m nano",
        context => Task.FromResult(Run(context)));

    private static int Run(CommandContext context)
    {
        AdapterInfo info = AdapterInfo.Read(context.Parse.GetValue(Adapter)!);
        string? misfit = context.ModelIsGiven ? info.MisfitWith(ModelLocator.Resolve(context.Model, context.Data)) : null;
        string? head = info.HasScoreHead ? "score" : info.HasValueHead ? "value" : null;
        bool? fits = context.ModelIsGiven ? misfit is null : null;
        context.WriteJson(new TrainInspectJson(
            info.Name, info.Architecture, info.Rank, info.Alpha, info.Targets, info.Matrices, info.Weights, info.BaseName, info.BaseSha256, info.DataSha256, info.Objective,
            info.Config, info.Metrics, head, fits, misfit));
        Line("adapter", string.Create(CultureInfo.InvariantCulture, $"{info.Name}: {info.Architecture}, rank {info.Rank}, alpha {info.Alpha:0.###}, {info.Weights} weights"));
        Line("changes", $"{string.Join(", ", info.Targets)} ({info.Matrices} matrices)");
        Line("base", info.BaseSha256 is null ? "not recorded" : $"{info.BaseName}, SHA-256 {info.BaseSha256}");
        if (info.Objective is not null) Line("made by", $"{info.Objective} on data with SHA-256 {info.DataSha256}");
        if (head is not null) Line("head", info.HasScoreHead ? "scores samples (train reward)" : "foresees rewards (train ppo)");
        if (info.Metrics is not null) Line("metrics", info.Metrics.ToJsonString());
        if (fits is not null) Line("fits", misfit ?? "yes");
        return misfit is null ? ExitCode.Done : ExitCode.Failed;

        void Line(string name, string text) => context.Screen.ShowLine($"[grey]{name,-8}[/] {Markup.Escape(text)}");
    }
}
