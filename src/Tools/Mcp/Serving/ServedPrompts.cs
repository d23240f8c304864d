using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentKit.Tools.Mcp.Serving;

/// <summary>All prompts of a server.</summary>
internal sealed class ServedPrompts(IReadOnlyList<McpPrompts> kinds, RequestStates states)
{
    public bool Any => kinds.Count > 0;

    public bool MayChange => kinds.Any(kind => kind.MayChange);

    public async ValueTask<ListPromptsResult> ListAsync(CancellationToken cancellationToken)
    {
        var all = new List<Prompt>();
        foreach (McpPrompts kind in kinds) all.AddRange(await kind.ListAsync(cancellationToken).ConfigureAwait(false));
        return new ListPromptsResult { Prompts = all, TimeToLive = TimeSpan.Zero, CacheScope = CacheScope.Private };
    }

    /// <summary>Something that changes whenever the list does.</summary>
    public async ValueTask<string> VersionAsync(CancellationToken cancellationToken) =>
        JsonSerializer.Serialize((await ListAsync(cancellationToken).ConfigureAwait(false)).Prompts, McpJsonUtilities.DefaultOptions);

    public async ValueTask<GetPromptResult> GetAsync(RequestContext<GetPromptRequestParams> request, CancellationToken cancellationToken)
    {
        string name = request.Params!.Name;
        var arguments = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string key, JsonElement value) in request.Params.Arguments ?? new Dictionary<string, JsonElement>())
            arguments[key] = value.ValueKind is JsonValueKind.String ? value.GetString()! : throw Fault($"argument '{key}' must be a string");
        await CheckAsync(name, arguments, cancellationToken).ConfigureAwait(false);
        var call = McpCall.Of(request, name, JsonSerializer.Serialize(arguments, McpJsonUtilities.DefaultOptions), states);
        foreach (McpPrompts kind in kinds)
        {
            if (await kind.GetAsync(name, arguments, call, cancellationToken).ConfigureAwait(false) is { } result) return result;
        }

        throw Fault($"unknown prompt '{name}'");
    }

    public async ValueTask<IReadOnlyList<string>> CompleteAsync(string name, Argument argument, CancellationToken cancellationToken)
    {
        foreach (McpPrompts kind in kinds)
        {
            IReadOnlyList<Prompt> list = await kind.ListAsync(cancellationToken).ConfigureAwait(false);
            if (list.Any(prompt => prompt.Name == name))
                return await kind.CompleteAsync(name, argument.Name, argument.Value, cancellationToken).ConfigureAwait(false);
        }

        throw Fault($"unknown prompt '{name}'");
    }

    private async ValueTask CheckAsync(string name, SortedDictionary<string, string> given, CancellationToken cancellationToken)
    {
        IList<Prompt> all = (await ListAsync(cancellationToken).ConfigureAwait(false)).Prompts;
        Prompt prompt = all.FirstOrDefault(known => known.Name == name)
            ?? throw Fault($"unknown prompt '{name}', known: {string.Join(", ", all.Select(known => known.Name))}");
        IList<PromptArgument> declared = prompt.Arguments ?? [];
        if (declared.FirstOrDefault(argument => argument.Required == true && !given.ContainsKey(argument.Name)) is { } missing)
            throw Fault($"missing required argument '{missing.Name}', expected a string");
        if (given.Keys.FirstOrDefault(key => declared.All(argument => argument.Name != key)) is { } unknown)
            throw Fault($"unknown argument '{unknown}', allowed: {string.Join(", ", declared.Select(argument => argument.Name))}");
    }

    private static McpProtocolException Fault(string message) => new(message, McpErrorCode.InvalidParams);
}
