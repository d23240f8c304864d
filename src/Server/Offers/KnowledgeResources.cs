using AgentKit.Memory.Knowledge;
using AgentKit.Tools.Mcp.Serving;
using ModelContextProtocol.Protocol;

namespace AgentKit.Server.Offers;

/// <summary>The documents of a knowledge base as resources, <c>agentkit://knowledge/NAME/SOURCE</c>: the text as it is indexed.</summary>
/// <param name="knowledge">The knowledge base.</param>
public sealed class KnowledgeResources(SharedKnowledge knowledge) : McpResources
{
    /// <inheritdoc/>
    public override IReadOnlyList<ResourceTemplate> Templates { get; } =
    [
        new ResourceTemplate
        {
            Name = $"knowledge-{knowledge.Name}",
            Title = $"Documents of '{knowledge.Name}'",
            UriTemplate = knowledge.Template,
            Description = "A document of the knowledge base; its source is percent-encoded.",
            MimeType = "text/plain",
            Icons = [OfferIcons.Knowledge],
        },
    ];

    /// <inheritdoc/>
    public override async ValueTask<IReadOnlyList<Resource>> ListAsync(CancellationToken cancellationToken) =>
    [
        .. from document in await knowledge.Base.DocumentsAsync(knowledge.Scope, cancellationToken).ConfigureAwait(false)
           select new Resource
           {
               Name = Path.GetFileName(document.Source) is { Length: > 0 } name ? name : document.Source,
               Title = document.Title.Length > 0 ? document.Title : null,
               Uri = knowledge.AddressOf(document.Source),
               Description = $"{document.Kind}: {document.Source}",
               MimeType = "text/plain",
               Icons = [OfferIcons.Knowledge],
           },
    ];

    /// <inheritdoc/>
    public override async ValueTask<IReadOnlyList<ResourceContents>?> ReadAsync(string uri, CancellationToken cancellationToken)
    {
        if (knowledge.SourceOf(uri) is not { } source) return null;
        IReadOnlyList<KnowledgePassage> passages = await knowledge.Base.PassagesAsync(knowledge.Scope, source, cancellationToken).ConfigureAwait(false);
        if (passages.Count == 0) return null;
        return [new TextResourceContents { Uri = uri, MimeType = "text/plain", Text = string.Join("\n\n", passages.Select(passage => passage.Text)) }];
    }

    /// <inheritdoc/>
    public override async ValueTask<string?> VersionAsync(string uri, CancellationToken cancellationToken) =>
        knowledge.SourceOf(uri) is { } source
            ? (await knowledge.Base.FindDocumentAsync(knowledge.Scope, source, cancellationToken).ConfigureAwait(false))?.Hash
            : null;

    /// <inheritdoc/>
    public override async ValueTask<IReadOnlyList<string>> CompleteAsync(
        string template, string part, string typed, CancellationToken cancellationToken) =>
    [
        .. from document in await knowledge.Base.DocumentsAsync(knowledge.Scope, cancellationToken).ConfigureAwait(false)
           where document.Source.Contains(typed, StringComparison.OrdinalIgnoreCase)
           select Uri.EscapeDataString(document.Source),
    ];
}
