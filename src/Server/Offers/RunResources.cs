using System.Globalization;
using AgentKit.Kernel.Runs;
using AgentKit.Tools.Mcp.Serving;
using ModelContextProtocol.Protocol;

namespace AgentKit.Server.Offers;

/// <summary>The runs of a journal as resources, <c>agentkit://runs/ID</c>: the document that <c>runs show --json</c> prints.</summary>
/// <param name="journal">The journal.</param>
public sealed class RunResources(IJournal journal) : McpResources
{
    private const string Root = "agentkit://runs/";

    /// <summary>Runs worth listing; older ones can be read by their address.</summary>
    private const int Listed = 100;

    /// <inheritdoc/>
    public override IReadOnlyList<ResourceTemplate> Templates { get; } =
    [
        new ResourceTemplate
        {
            Name = "run",
            Title = "A run of an agent",
            UriTemplate = $"{Root}{{id}}",
            Description = "What an agent did, step by step.",
            MimeType = "application/json",
            Icons = [OfferIcons.Run],
        },
    ];

    /// <inheritdoc/>
    public override async ValueTask<IReadOnlyList<Resource>> ListAsync(CancellationToken cancellationToken)
    {
        var runs = new List<Resource>();
        await foreach (RunSummary run in journal.ListAsync(cancellationToken: cancellationToken).Take(Listed).ConfigureAwait(false))
        {
            runs.Add(new Resource
            {
                Name = run.RunId,
                Title = run.Task.Length <= 80 ? run.Task : $"{run.Task.AsSpan(0, 79)}…",
                Uri = AddressOf(run.RunId),
                Description = string.Create(CultureInfo.InvariantCulture, $"{run.Agent}, {run.Started:u}"),
                MimeType = "application/json",
                Icons = [OfferIcons.Run],
            });
        }

        return runs;
    }

    /// <inheritdoc/>
    public override async ValueTask<IReadOnlyList<ResourceContents>?> ReadAsync(string uri, CancellationToken cancellationToken)
    {
        if (IdOf(uri) is not { } id || await RunView.LoadAsync(journal, id, cancellationToken).ConfigureAwait(false) is not { } run) return null;
        return [new TextResourceContents { Uri = uri, MimeType = "application/json", Text = run.ToJson().ToJsonString() }];
    }

    /// <inheritdoc/>
    public override async ValueTask<string?> VersionAsync(string uri, CancellationToken cancellationToken)
    {
        if (IdOf(uri) is not { } id) return null;
        long version = await journal.ReadAsync(id, cancellationToken).LongCountAsync(cancellationToken).ConfigureAwait(false);
        return version > 0 ? version.ToString(CultureInfo.InvariantCulture) : null;
    }

    /// <inheritdoc/>
    public override async ValueTask<IReadOnlyList<string>> CompleteAsync(
        string template, string part, string typed, CancellationToken cancellationToken) =>
        await journal.ListAsync(cancellationToken: cancellationToken)
            .Select(run => run.RunId)
            .Where(id => id.StartsWith(typed, StringComparison.Ordinal))
            .Take(Listed)
            .ToListAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>A run's address.</summary>
    internal static string AddressOf(string id) => Root + Uri.EscapeDataString(id);

    private static string? IdOf(string uri) =>
        uri.StartsWith(Root, StringComparison.Ordinal) && uri.Length > Root.Length ? Uri.UnescapeDataString(uri[Root.Length..]) : null;
}
