using System.Globalization;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace AgentKit.Tools.Mcp.Serving;

/// <summary>All resources of a server.</summary>
internal sealed class ServedResources(IReadOnlyList<McpResources> kinds)
{
    private const int PageSize = 200;

    public bool Any => kinds.Count > 0;

    public async ValueTask<ListResourcesResult> ListAsync(string? cursor, CancellationToken cancellationToken)
    {
        int start = 0;
        if (cursor is not null && (!int.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out start) || start < 0))
            throw new McpProtocolException("the cursor is not one of this server", McpErrorCode.InvalidParams);
        var all = new List<Resource>();
        foreach (McpResources kind in kinds) all.AddRange(await kind.ListAsync(cancellationToken).ConfigureAwait(false));
        int next = start + PageSize;
        return new ListResourcesResult
        {
            Resources = [.. all.Skip(start).Take(PageSize)],
            NextCursor = next < all.Count ? next.ToString(CultureInfo.InvariantCulture) : null,
            TimeToLive = TimeSpan.Zero,
            CacheScope = CacheScope.Private,
        };
    }

    public ListResourceTemplatesResult Templates() => new()
    {
        ResourceTemplates = [.. kinds.SelectMany(kind => kind.Templates)],
        TimeToLive = TimeSpan.Zero,
        CacheScope = CacheScope.Private,
    };

    public async ValueTask<ReadResourceResult> ReadAsync(string uri, CancellationToken cancellationToken)
    {
        foreach (McpResources kind in kinds)
        {
            if (await kind.ReadAsync(uri, cancellationToken).ConfigureAwait(false) is { } contents)
                return new ReadResourceResult { Contents = [.. contents], TimeToLive = TimeSpan.Zero, CacheScope = CacheScope.Private };
        }

        throw NotFound(uri);
    }

    public async ValueTask<string?> VersionAsync(string uri, CancellationToken cancellationToken)
    {
        foreach (McpResources kind in kinds)
        {
            if (await kind.VersionAsync(uri, cancellationToken).ConfigureAwait(false) is { } version) return version;
        }

        return null;
    }

    public async ValueTask<IReadOnlyList<string>> CompleteAsync(string? template, Argument argument, CancellationToken cancellationToken)
    {
        McpResources kind = kinds.FirstOrDefault(kind => kind.Templates.Any(known => known.UriTemplate == template))
            ?? throw new McpProtocolException($"there is no resource template '{template}'", McpErrorCode.InvalidParams);
        return await kind.CompleteAsync(template!, argument.Name, argument.Value, cancellationToken).ConfigureAwait(false);
    }

    public static McpProtocolException NotFound(string uri)
    {
        var fault = new McpProtocolException($"there is no resource '{uri}'", McpErrorCode.InvalidParams);
        fault.Data["uri"] = uri;
        return fault;
    }
}
