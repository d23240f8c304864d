using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp.Serving;

/// <summary>Resources of one kind. Implementations are safe for concurrent use.</summary>
public abstract class McpResources
{
    /// <summary>Forms of addresses that are not all listed, in a fixed order.</summary>
    public virtual IReadOnlyList<ResourceTemplate> Templates => [];

    /// <summary>The resources worth listing, in an order that stays while they do.</summary>
    public abstract ValueTask<IReadOnlyList<Resource>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Reads a resource.</summary>
    /// <returns><c>null</c> when there is no such resource here.</returns>
    public abstract ValueTask<IReadOnlyList<ResourceContents>?> ReadAsync(string uri, CancellationToken cancellationToken);

    /// <summary>
    /// Something that changes whenever the resource does; asked about once a second for every resource a client has subscribed to.
    /// </summary>
    /// <returns><c>null</c> when there is no such resource here.</returns>
    public virtual ValueTask<string?> VersionAsync(string uri, CancellationToken cancellationToken) => new((string?)null);

    /// <summary>Values for a part of a template, best first.</summary>
    /// <param name="template">One of <see cref="Templates"/>.</param>
    /// <param name="part">The part's name.</param>
    /// <param name="typed">What has been typed of it.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public virtual ValueTask<IReadOnlyList<string>> CompleteAsync(
        string template, string part, string typed, CancellationToken cancellationToken) => new([]);
}
