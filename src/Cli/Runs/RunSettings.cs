using System.Globalization;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Models;

namespace AgentKit.Cli.Runs;

/// <summary>What a run of the command line works with; journaled with it, so that another process can take it up.</summary>
/// <param name="Model">The model, as <c>--model</c> takes it.</param>
/// <param name="Root">The folder the file tools may read.</param>
/// <param name="Tools">Further MCP servers, as <c>--tools</c> takes them.</param>
/// <param name="MaxSteps">How often the model is asked at most.</param>
/// <param name="Approve">Who decides on tools that change something.</param>
/// <param name="Sizes">How the model is opened.</param>
/// <param name="Switches">Built-in tools that are switched on, as arguments of <c>mcp serve</c>.</param>
/// <param name="Config">The file in which servers may be named, as <c>--config</c> takes it; <c>null</c> when there is none.</param>
/// <param name="Knowledge">The knowledge base it may search, if any.</param>
/// <param name="Memory">Whether the agent has its memory.</param>
internal sealed record RunSettings(
    string Model, string Root, IReadOnlyList<string> Tools, int MaxSteps, ApprovalMode Approve, LocalModelOptions Sizes,
    IReadOnlyList<string> Switches, string? Config = null, string? Knowledge = null, bool Memory = false)
{
    private const string ToolPrefix = "tools.";
    private const string SwitchPrefix = "serve.";

    public Dictionary<string, string> ToDictionary()
    {
        var settings = new Dictionary<string, string>
        {
            ["model"] = Model,
            ["root"] = Root,
            ["max_steps"] = MaxSteps.ToString(CultureInfo.InvariantCulture),
            ["approve"] = Approve.ToString().ToLowerInvariant(),
        };
        if (Sizes.ContextLength is { } length) settings["ctx"] = length.ToString(CultureInfo.InvariantCulture);
        if (Sizes.Threads is { } threads) settings["threads"] = threads.ToString(CultureInfo.InvariantCulture);
        settings["kv"] = Sizes.KvType.ToString();
        if (Knowledge is { } knowledge) settings["knowledge"] = knowledge;
        if (Memory) settings["memory"] = "on";
        if (Config is not null) settings["config"] = Config;
        for (int i = 0; i < Tools.Count; i++) settings[$"{ToolPrefix}{i + 1}"] = Tools[i];
        for (int i = 0; i < Switches.Count; i++) settings[$"{SwitchPrefix}{i + 1}"] = Switches[i];
        return settings;
    }

    /// <summary>Reads what a run was started with; the user's own <c>--model</c> goes before.</summary>
    /// <exception cref="UserInputException">The run was not made by this command line.</exception>
    public static RunSettings From(CommandContext context, string runId, AgentEvent.RunStarted start)
    {
        if (start.Settings is not { } settings || !settings.ContainsKey("root"))
        {
            throw new UserInputException(
                "ID", $"ID: run {runId} was not started by 'agentkit run'; the program that started it has to take it up.");
        }

        return new RunSettings(
            context.ModelIsGiven ? context.Model : settings["model"],
            settings["root"],
            Texts(settings, ToolPrefix),
            int.Parse(settings["max_steps"], CultureInfo.InvariantCulture),
            Enum.Parse<ApprovalMode>(settings["approve"], ignoreCase: true),
            new LocalModelOptions
            {
                ContextLength = Number(settings, "ctx"),
                Threads = Number(settings, "threads"),
                KvType = settings.TryGetValue("kv", out string? kv) ? Enum.Parse<KvType>(kv) : KvType.F16,
            },
            Texts(settings, SwitchPrefix),
            settings.GetValueOrDefault("config"),
            settings.GetValueOrDefault("knowledge"),
            HasMemory(settings));
    }

    /// <summary>Whether a run with these settings had the memory of the command line.</summary>
    public static bool HasMemory(IReadOnlyDictionary<string, string> settings) => settings.ContainsKey("memory");

    private static string[] Texts(IReadOnlyDictionary<string, string> settings, string prefix) =>
        [.. Enumerable.Range(1, settings.Count).Select(i => settings.GetValueOrDefault($"{prefix}{i}")).OfType<string>()];

    private static int? Number(IReadOnlyDictionary<string, string> settings, string name) =>
        settings.TryGetValue(name, out string? text) ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
