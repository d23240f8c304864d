namespace AgentKit.Server;

/// <summary>
/// The server as an OAuth 2.1 resource server: it takes access tokens (JWT) of an authorization server, made out for itself, and tells
/// clients where to get one (RFC 9728). It never passes a token on.
/// </summary>
public sealed record McpOAuthOptions
{
    /// <summary>The server's own address as clients know it, path included; a token's audience must be exactly this.</summary>
    public required Uri Resource { get; init; }

    /// <summary>The authorization server; a token's issuer must be exactly this.</summary>
    public required Uri Issuer { get; init; }

    /// <summary>Scopes a token must have, all of them.</summary>
    public IReadOnlyList<string> RequiredScopes { get; init; } = [];

    /// <summary>The issuer's public keys, a JSON Web Key Set.</summary>
    /// <value>Fetched from the issuer, as its metadata says.</value>
    public string? KeySet { get; init; }
}
