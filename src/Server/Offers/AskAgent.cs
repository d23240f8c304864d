using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Agents;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using AgentKit.Kernel.Tools;
using AgentKit.Tools.Mcp.Serving;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Protocol;

namespace AgentKit.Server.Offers;

/// <summary>
/// <c>ask_agent</c> for MCP clients: an agent works on a task in a journaled run. It reports its steps; calls that need consent are asked
/// about at the client; clients that know tasks get a task that outlives the connection and this process.
/// </summary>
public static class AskAgent
{
    private const string Schema =
        """{"type":"object","properties":{"task":{"type":"string","description":"What is to be done, with all that is needed to do it."}},"required":["task"]}""";

    private const string ResultSchema = """
        {"type":"object","properties":{"run_id":{"type":"string"},"uri":{"type":"string"},"status":{"type":"string","enum":["completed","waiting","failed"]},
        "answer":{"type":"string"},"error":{"type":"string"},"steps":{"type":"integer"},
        "waiting":{"type":"array","items":{"type":"object","properties":{"call_id":{"type":"string"},"tool":{"type":"string"}},"required":["call_id","tool"]}}},
        "required":["run_id","uri","status","steps"]}
        """;

    /// <summary>The tool.</summary>
    /// <param name="offer">The agent and where its runs are kept.</param>
    public static AIFunction Create(AgentOffer offer)
    {
        ArgumentNullException.ThrowIfNull(offer);
        var contract = new ToolContract(ToolReplay.Unsafe, offer.MayChange ? SideEffect.Irreversible : SideEffect.LocalRead);
        var tool = new OfferedTool("ask_agent", offer.Description, Schema, contract, (arguments, stop) => AskAsync(offer, arguments, stop));
        return new McpToolInfo
        {
            Title = "Ask the agent",
            OutputSchema = JsonElement.Parse(ResultSchema),
            Icons = [OfferIcons.Agent],
            Tasks = new RunTasks(offer),
        }.Apply(tool);
    }

    /// <summary>What a client is told of a run that has ended or waits.</summary>
    internal static CallToolResult Describe(AgentOffer offer, RunView run)
    {
        string uri = RunResources.AddressOf(run.RunId);
        var json = new JsonObject
        {
            ["run_id"] = run.RunId,
            ["uri"] = uri,
            ["status"] = run.Status switch { RunStatus.Completed => "completed", RunStatus.Waiting => "waiting", _ => "failed" },
            ["steps"] = run.Steps.Count,
        };
        if (run.Answer is { } answer) json["answer"] = answer;
        if (run.Error is { } error) json["error"] = error;
        if (run.Waiting.Count > 0)
        {
            json["waiting"] = new JsonArray([.. run.Waiting.Select(call => new JsonObject { ["call_id"] = call.CallId, ["tool"] = call.Name })]);
        }

        string text = run.Status switch
        {
            RunStatus.Completed => run.Answer ?? "",
            RunStatus.Waiting => $"The run {run.RunId} waits for a decision: {string.Join("; ", run.Waiting.Select(call => $"agentkit runs approve {run.RunId} {call.CallId}"))}",
            _ => $"The agent did not answer: {run.Error}",
        };
        List<ContentBlock> content = [new TextContentBlock { Text = text }];
        if (offer.LinksRuns) content.Add(new ResourceLinkBlock { Uri = uri, Name = run.RunId, MimeType = "application/json" });
        return new CallToolResult
        {
            IsError = run.Status is RunStatus.Completed or RunStatus.Waiting ? null : true,
            Content = content,
            StructuredContent = OfferedTool.Element(json),
        };
    }

    /// <summary>The questions of a run that waits, by call.</summary>
    internal static Dictionary<string, InputRequest> Questions(RunView run) => run.Waiting.ToDictionary(
        call => call.CallId,
        call => InputRequest.ForElicitation(new ElicitRequestParams
        {
            Message = call.OutcomeUnknown
                ? $"{call.Name} {call.Arguments} was interrupted and may have taken effect. Run it again?"
                : $"The agent wants to call {call.Name} {call.Arguments}. Allow it?",
            RequestedSchema = new ElicitRequestParams.RequestSchema
            {
                Properties = { ["allow"] = new ElicitRequestParams.BooleanSchema { Title = "Allow", Description = "Whether the call may run." } },
                Required = ["allow"],
            },
        }));

    /// <summary>Journals the decisions that answers contain.</summary>
    /// <returns>How many calls were decided on.</returns>
    internal static async Task<int> DecideAsync(AgentOffer offer, RunView run, Func<string, McpAnswer?> answerTo, CancellationToken cancellationToken)
    {
        int decided = 0;
        foreach (WaitingCall call in run.Waiting)
        {
            if (answerTo(call.CallId) is not { } answer) continue;
            bool allowed = answer.Accepted && answer.Content.TryGetProperty("allow", out JsonElement allow) && allow.ValueKind == JsonValueKind.True;
            if (allowed) await RunDecision.ApproveAsync(offer.Journal, run.RunId, call.CallId, cancellationToken: cancellationToken).ConfigureAwait(false);
            else await RunDecision.RejectAsync(offer.Journal, run.RunId, call.CallId, "the user said no", cancellationToken).ConfigureAwait(false);
            decided++;
        }

        return decided;
    }

    private static async ValueTask<CallToolResult> AskAsync(AgentOffer offer, AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        string task = OfferedTool.Text(arguments, "task");
        if (string.IsNullOrWhiteSpace(task)) throw new ToolException("argument 'task' is empty; say what the agent is to do");
        McpCall? call = McpCall.Find(arguments);
        try
        {
            Agent agent = await offer.OpenAsync(cancellationToken).ConfigureAwait(false);
            RunView run = call?.State is { } state
                ? await GoOnAsync(offer, agent, call, state.GetProperty("run_id").GetString()!, cancellationToken).ConfigureAwait(false)
                : await BeginAsync(offer, agent, call, task, ToolCallKey.Find(arguments), cancellationToken).ConfigureAwait(false);
            if (run.Status is not RunStatus.Waiting || run.Waiting.Count == 0 || call?.CanAsk != true) return Describe(offer, run);
            throw call.Ask(Questions(run), OfferedTool.Element(new JsonObject { ["run_id"] = run.RunId }));
        }
        catch (Exception e) when (e is UserInputException or JournalConflictException)
        {
            throw new ToolException(e.Message, e);
        }
    }

    private static async Task<RunView> BeginAsync(
        AgentOffer offer, Agent agent, McpCall? call, string task, string? key, CancellationToken cancellationToken)
    {
        // A repeated call takes up the run of the first one. The id is not the key itself: that would let a client name other runs.
        string id = key is null ? agent.NewRunId() : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{call?.User}|{key}")))[..32];
        bool exists = key is not null && await offer.Journal.ReadAsync(id, cancellationToken).AnyAsync(cancellationToken).ConfigureAwait(false);
        IAsyncEnumerable<AgentEvent> events =
            exists ? agent.ResumeStreamingAsync(id, cancellationToken) : agent.RunStreamingAsync(task, id, cancellationToken);
        return await FollowAsync(offer, call, id, events).ConfigureAwait(false);
    }

    private static async Task<RunView> GoOnAsync(AgentOffer offer, Agent agent, McpCall call, string id, CancellationToken cancellationToken)
    {
        RunView run = await LoadAsync(offer, id).ConfigureAwait(false);
        if (await DecideAsync(offer, run, call.AnswerTo, cancellationToken).ConfigureAwait(false) == 0) return run;
        return await FollowAsync(offer, call, id, agent.ResumeStreamingAsync(id, cancellationToken)).ConfigureAwait(false);
    }

    private static async Task<RunView> FollowAsync(AgentOffer offer, McpCall? call, string id, IAsyncEnumerable<AgentEvent> events)
    {
        int reported = 0;
        await foreach (AgentEvent e in events.ConfigureAwait(false))
        {
            if (call is not null && Say(e) is { } what) await call.ReportAsync(++reported, message: what).ConfigureAwait(false);
        }

        return await LoadAsync(offer, id).ConfigureAwait(false);
    }

    private static async Task<RunView> LoadAsync(AgentOffer offer, string id) =>
        await RunView.LoadAsync(offer.Journal, id, CancellationToken.None).ConfigureAwait(false)
        ?? throw new ToolException($"the run {id} left no record");

    private static string? Say(AgentEvent e) => e switch
    {
        AgentEvent.ToolStarted tool => $"step {tool.Step}: {tool.Call.Name}",
        AgentEvent.ToolCompleted { Error: { } error } tool => $"step {tool.Step}: {tool.Call.Name} failed: {error}",
        AgentEvent.ModelReplied reply => $"step {reply.Step}: {(reply.Calls.Count == 0 ? "answers" : $"asks for {string.Join(", ", reply.Calls.Select(call => call.Name))}")}",
        _ => null,
    };
}
