using System.CommandLine;
using AgentKit.Cli.App;
using AgentKit.Cli.Index;
using AgentKit.Cli.Mcp;
using AgentKit.Cli.Memory;
using AgentKit.Cli.Models;
using AgentKit.Kernel.Errors;
using AgentKit.Memory.Facts;
using AgentKit.Memory.Journal;
using AgentKit.Memory.Knowledge;
using AgentKit.Models;
using AgentKit.Server.Offers;
using AgentKit.Tools.Mcp;
using AgentKit.Tools.Mcp.Serving;
using Microsoft.Extensions.AI;

namespace AgentKit.Cli.Serve;

/// <summary>What the program offers to MCP clients, as the command line asks for it.</summary>
internal sealed class ServedOffers : IAsyncDisposable
{
    private static readonly string[] All = ["tools", "agent", "knowledge", "memory", "runs"];

    /// <summary>What belongs to whoever started the program.</summary>
    private static readonly string[] OfOneUser = ["memory", "runs"];

    public static readonly Option<string[]> Offer = new("--offer")
    {
        Description = "What clients get: the built-in tools, ask_agent with the model of -m, search_knowledge and read_source with the documents, "
            + "remember, recall and forget with the facts of 'agentkit memory', the runs of the journal. [default: tools]",
        HelpName = "tools|agent|knowledge|memory|runs",
        AllowMultipleArgumentsPerToken = true,
        CompletionSources = { "tools", "agent", "knowledge", "memory", "runs" },
    };

    public static readonly Option<string?> Prompts = new("--prompts")
    {
        Description = "A folder with prompts, a .md file each.",
        HelpName = "dir",
    };

    public static readonly Option<string[]> AgentTools = new("--tools")
    {
        Description = "Further MCP servers for the agent: a command that starts one, or an http(s) address.",
        HelpName = "server",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly List<AIFunction> _tools = [];
    private readonly List<McpResources> _resources = [];
    private readonly List<IAsyncDisposable> _open = [];
    private McpToolServerOptions _options;

    private ServedOffers(CommandContext context) => _options = new McpToolServerOptions { Loggers = context.Loggers, TimeProvider = context.Time };

    public static Option[] Options => [Offer, Prompts, AgentTools, KnowledgeName.Option, .. ServedTools.Options, ModelOptions.Context, ModelOptions.Threads, ModelOptions.Kv];

    public McpToolServer Server { get; private set; } = null!;

    /// <exception cref="UserInputException">An option is not usable, or there is nothing of what is to be offered.</exception>
    public static async Task<ServedOffers> OpenAsync(CommandContext context)
    {
        var offers = new ServedOffers(context);
        try
        {
            await offers.AddAsync(context);
            return offers;
        }
        catch
        {
            await offers.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // What was opened last may use what was opened first.
        foreach (IAsyncDisposable open in Enumerable.Reverse(_open)) await open.DisposeAsync();
    }

    private async Task AddAsync(CommandContext context)
    {
        string[] chosen = Chosen(context);
        if (context.Parse.GetValue(HttpServing.Issuer) is not null && chosen.FirstOrDefault(OfOneUser.Contains) is { } shared)
        {
            throw new UserInputException(
                Offer.Name, $"{Offer.Name} {shared} shows every client the same, whoever has signed in; it cannot be combined with {HttpServing.Issuer.Name}.");
        }

        if (chosen.Contains("tools")) _tools.AddRange(ServedTools.Create(context));
        if (chosen.Contains("knowledge")) await AddKnowledgeAsync(context);
        if (chosen.Contains("memory")) await AddMemoryAsync(context);
        if (chosen.Contains("agent") || chosen.Contains("runs")) AddRuns(context, chosen);
        if (context.Parse.GetValue(Prompts) is { } folder) _options = _options with { Prompts = [ReadPrompts(folder)] };
        Server = new McpToolServer(_tools, _options with { Resources = _resources });
    }

    private void AddRuns(CommandContext context, string[] chosen)
    {
        SqliteJournal journal = SqliteJournal.Open(context.Data.Ensure().Journal, context.Time);
        _open.Add(journal);
        bool sharesRuns = chosen.Contains("runs");
        if (sharesRuns) _resources.Add(new RunResources(journal));
        if (!chosen.Contains("agent")) return;
        byte[] key = SigningKey.Read(context.Data);
        var agent = new ServedAgent(context, journal, ServedTools.RootOf(context), context.Parse.GetValue(AgentTools) ?? [], ServedTools.SwitchesOf(context));
        _open.Add(agent);
        _tools.Add(AskAgent.Create(agent.Offer(key) with { LinksRuns = sharesRuns }));
        _options = _options with { StateKey = key };
    }

    private async Task AddKnowledgeAsync(CommandContext context)
    {
        string name = context.Parse.GetValue(KnowledgeName.Option)!;
        string path = KnowledgeName.Existing(context);
        string embedder;
        using (KnowledgeBase look = KnowledgeBase.Open(path)) embedder = (await look.StatusAsync(KnowledgeName.Scope, context.Stop)).Embedder;
        KnowledgeOptions reading = EmbedderChoice.ForReading(context, embedder, needsVectors: true, out LocalModel? model);
        if (model is not null) _open.Add(model);
        KnowledgeBase knowledge = KnowledgeBase.Open(path, reading);
        _open.Add(new Closing(knowledge));
        var shared = new SharedKnowledge(name, knowledge, KnowledgeName.Scope)
        {
            Search = new SearchOptions { Count = 5, Mode = embedder.Length > 0 ? SearchMode.Hybrid : SearchMode.Keyword },
        };
        _tools.AddRange(KnowledgeTools.Create(shared));
        _resources.Add(new KnowledgeResources(shared));
    }

    private async Task AddMemoryAsync(CommandContext context)
    {
        MemoryHost memory = await MemoryHost.OpenAsync(context, address: null);
        _open.Add(memory);
        _tools.AddRange(FactTools.Create(memory.Facts, MemoryHost.Scope));
    }

    private static PromptFiles ReadPrompts(string folder)
    {
        try
        {
            return new PromptFiles(folder);
        }
        catch (UserInputException e)
        {
            throw new UserInputException(Prompts.Name, $"{Prompts.Name}: {e.Message}", e);
        }
    }

    private static string[] Chosen(CommandContext context)
    {
        string[] chosen = context.Parse.GetValue(Offer) is { Length: > 0 } given ? given : ["tools"];
        return chosen.FirstOrDefault(one => !All.Contains(one)) is { } unknown
            ? throw new UserInputException(Offer.Name, $"{Offer.Name} is '{unknown}'; {string.Join(", ", All)} is allowed.")
            : chosen;
    }

    /// <summary>Closes what knows only the synchronous way.</summary>
    private sealed class Closing(IDisposable open) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            open.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
