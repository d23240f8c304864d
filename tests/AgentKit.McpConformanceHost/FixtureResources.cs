using System.Text.RegularExpressions;
using AgentKit.Tools.Mcp.Serving;
using ModelContextProtocol.Protocol;

namespace AgentKit.McpConformanceHost;

/// <summary>The resources the conformance suite reads.</summary>
internal sealed partial class FixtureResources : McpResources
{
    public override IReadOnlyList<ResourceTemplate> Templates { get; } =
    [
        new ResourceTemplate { Name = "template", UriTemplate = "test://template/{id}/data", Description = "Data by id.", MimeType = "application/json" },
    ];

    public override ValueTask<IReadOnlyList<Resource>> ListAsync(CancellationToken cancellationToken) => new(
    [
        new Resource { Name = "static-text", Uri = "test://static-text", Description = "A text.", MimeType = "text/plain" },
        new Resource { Name = "static-binary", Uri = "test://static-binary", Description = "An image.", MimeType = "image/png" },
        new Resource { Name = "watched-resource", Uri = "test://watched-resource", Description = "A text to watch.", MimeType = "text/plain" },
    ]);

    public override ValueTask<IReadOnlyList<ResourceContents>?> ReadAsync(string uri, CancellationToken cancellationToken) => new(uri switch
    {
        "test://static-text" => [Text(uri, "text/plain", "This is the content of the static text resource.")],
        "test://watched-resource" => [Text(uri, "text/plain", "This is watched.")],
        "test://static-binary" => [BlobResourceContents.FromBytes(FixtureTools.Png, uri, "image/png")],
        _ when Template().Match(uri) is { Success: true } match =>
            [Text(uri, "application/json", $$"""{"id":"{{match.Groups[1].Value}}","templateTest":true,"data":"Data for ID: {{match.Groups[1].Value}}"}""")],
        _ => null,
    });

    public override async ValueTask<string?> VersionAsync(string uri, CancellationToken cancellationToken) =>
        await ReadAsync(uri, cancellationToken) is null ? null : "1";

    public override ValueTask<IReadOnlyList<string>> CompleteAsync(string template, string part, string typed, CancellationToken cancellationToken) =>
        new([.. new[] { "123", "124", "200" }.Where(id => id.StartsWith(typed, StringComparison.Ordinal))]);

    private static TextResourceContents Text(string uri, string type, string text) => new() { Uri = uri, MimeType = type, Text = text };

    [GeneratedRegex("^test://template/([0-9A-Za-z]+)/data\\z")]
    private static partial Regex Template();
}
