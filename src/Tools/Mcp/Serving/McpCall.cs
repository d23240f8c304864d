using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentKit.Tools.Mcp.Serving;

/// <summary>
/// The request behind a tool call or a prompt: who asks, what they have answered, and how to tell them something before the end. A tool that
/// asks something back throws <see cref="Ask"/>; the client then calls again with the answers, whatever protocol revision it speaks.
/// </summary>
public sealed class McpCall
{
    private readonly IReadOnlyDictionary<string, InputResponse> _answers;
    private readonly Func<JsonElement?, string?> _seal;
    private readonly Func<ProgressNotificationValue, Task> _report;

    private McpCall(
        object? request,
        string? user,
        ClientCapabilities? capabilities,
        IReadOnlyDictionary<string, InputResponse> answers,
        JsonElement? state,
        Func<JsonElement?, string?> seal,
        Func<ProgressNotificationValue, Task> report)
    {
        (Request, User, Capabilities, _answers, State, _seal, _report) = (request, user, capabilities, answers, state, seal, report);
    }

    /// <summary>The protocol library's own view, a <see cref="RequestContext{TParams}"/>; <c>null</c> when the call runs as a task.</summary>
    public object? Request { get; }

    /// <summary>Who asks; <c>null</c> where nobody signs in.</summary>
    public string? User { get; }

    /// <summary>Whether somebody at the client can be asked.</summary>
    public bool CanAsk => Capabilities?.Elicitation is not null;

    /// <summary>What the tool remembered when it asked; <c>null</c> the first time.</summary>
    public JsonElement? State { get; }

    internal ClientCapabilities? Capabilities { get; }

    internal IReadOnlyDictionary<string, InputResponse> Answers => _answers;

    /// <summary>The call a tool is run for; <c>null</c> when it is not run by a server.</summary>
    /// <param name="arguments">What the tool was given.</param>
    public static McpCall? Find(AIFunctionArguments arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return arguments.Context?.TryGetValue(typeof(McpCall), out object? call) == true ? call as McpCall : null;
    }

    /// <summary>Tells the client how far the work is, if it wants to know.</summary>
    /// <param name="progress">Grows from report to report.</param>
    /// <param name="total">What it will grow to, if that is known.</param>
    /// <param name="message">What is being done, for people.</param>
    public Task ReportAsync(double progress, double? total = null, string? message = null) =>
        _report(new ProgressNotificationValue { Progress = (float)progress, Total = (float?)total, Message = message });

    /// <summary>The answer to a question that was asked with a form.</summary>
    /// <returns><c>null</c> when there is none, or one of another form.</returns>
    public McpAnswer? AnswerTo(string key) => McpAnswer.Read(Response(key));

    /// <summary>What the client sent for a key, as it sent it; it may be anything.</summary>
    public JsonElement? Response(string key) => _answers.TryGetValue(key, out InputResponse? response) ? response?.RawValue : null;

    /// <summary>Ends this round with questions; throw it.</summary>
    /// <param name="questions">The questions by key; to be asked of clients that declare they can answer them.</param>
    /// <param name="state">What to remember; the client carries it, signed.</param>
    public InputRequiredException Ask(IReadOnlyDictionary<string, InputRequest> questions, JsonElement? state = null)
    {
        ArgumentNullException.ThrowIfNull(questions);
        return new InputRequiredException(questions.ToDictionary(), _seal(state));
    }

    internal static McpCall Of<T>(RequestContext<T> request, string target, string arguments, RequestStates states)
        where T : RequestParams
    {
        string? user = NameOf(request.User);
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(arguments)));
        string owner = $"{user}|{request.JsonRpcRequest.Method}|{target}|{hash}";
        T? parameters = request.Params;
        JsonElement? state = parameters?.RequestState is { } carried ? states.Open(carried, owner) : null;
        return new McpCall(
            request,
            user,
            request.JsonRpcRequest.Context?.ClientCapabilities ?? request.Server.ClientCapabilities,
            parameters?.InputResponses?.ToDictionary() ?? [],
            state,
            data => states.Seal(owner, data),
            value => parameters?.ProgressToken is { } token ? request.Server.NotifyProgressAsync(token, value) : Task.CompletedTask);
    }

    internal static McpCall Of(McpTaskRound round, string? user, ClientCapabilities? capabilities) => new(
        null, user, capabilities, round.Answers, round.State, data => data?.GetRawText(), value =>
        {
            round.OnProgress(value.Message);
            return Task.CompletedTask;
        });

    /// <summary>What tells one user from another: the token's subject.</summary>
    internal static string? NameOf(ClaimsPrincipal? user) =>
        user?.FindFirst("sub")?.Value ?? user?.FindFirst(ClaimTypes.NameIdentifier)?.Value ?? user?.Identity?.Name;
}
