using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace AgentKit.Server.Http;

/// <summary>Finds out who a client is: by the server's own secret, or by a token of its authorization server.</summary>
internal sealed class SignIn
{
    /// <summary>Instead of an OAuth error: nobody can tell now whether the token is good.</summary>
    public const string IssuerAway = "issuer_away";

    private const string Scheme = "Bearer ";

    private readonly McpHttpOptions _options;
    private readonly JsonWebTokenHandler _tokens = new() { MapInboundClaims = false };
    private readonly ConfigurationManager<OpenIdConnectConfiguration>? _issuer;
    private readonly byte[]? _secret;

    public SignIn(McpHttpOptions options)
    {
        _options = options;
        _secret = options.BearerToken is { } token ? SHA256.HashData(Encoding.UTF8.GetBytes(token)) : null;
        if (options.OAuth is { KeySet: null } oauth)
        {
            _issuer = new ConfigurationManager<OpenIdConnectConfiguration>(
                $"{oauth.Issuer.AbsoluteUri.TrimEnd('/')}/.well-known/openid-configuration",
                new OpenIdConnectConfigurationRetriever(),
                new HttpDocumentRetriever { RequireHttps = !HostGuard.IsLoopback(oauth.Issuer.Host) });
        }
    }

    /// <summary>Checks a request's token.</summary>
    /// <returns>The user; or the OAuth error code, empty when there was no token.</returns>
    public async Task<(ClaimsPrincipal? User, string? Error)> CheckAsync(HttpContext context)
    {
        if (!_options.HasSignIn) return (new ClaimsPrincipal(), null);
        string header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return (null, "");
        string token = header[Scheme.Length..].Trim();
        if (_secret is not null && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(token)), _secret))
            return (Named("owner"), null);
        return _options.OAuth is { } oauth ? await ValidateAsync(oauth, token, context.RequestAborted).ConfigureAwait(false) : (null, "invalid_token");
    }

    /// <summary>The header that tells a client why it was not let in, and where to get a token.</summary>
    public string Challenge(HttpRequest request, string error)
    {
        var parts = new List<string>();
        if (_options.OAuth is { } oauth)
        {
            Uri resource = oauth.Resource;
            parts.Add($"resource_metadata=\"{resource.GetLeftPart(UriPartial.Authority)}{ResourceMetadata.WellKnown}{resource.AbsolutePath.TrimEnd('/')}\"");
            if (oauth.RequiredScopes.Count > 0) parts.Add($"scope=\"{string.Join(' ', oauth.RequiredScopes)}\"");
        }

        if (error.Length > 0) parts.Add($"error=\"{error}\"");
        return parts.Count == 0 ? "Bearer" : $"Bearer {string.Join(", ", parts)}";
    }

    private async Task<(ClaimsPrincipal? User, string? Error)> ValidateAsync(McpOAuthOptions oauth, string token, CancellationToken cancellationToken)
    {
        var rules = new TokenValidationParameters
        {
            ValidIssuer = oauth.Issuer.OriginalString,
            ValidAudience = oauth.Resource.OriginalString,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            // A symmetric algorithm would make the issuer's public key a secret that everybody knows.
            ValidAlgorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"],
            LifetimeValidator = (from, until, _, _) => IsNow(from, until),
        };
        if (oauth.KeySet is { } keys) rules.IssuerSigningKeys = new JsonWebKeySet(keys).GetSigningKeys();
        else if (await KeysAsync(cancellationToken).ConfigureAwait(false) is { } signing) rules.IssuerSigningKeys = signing;
        else return (null, IssuerAway);
        TokenValidationResult result = await _tokens.ValidateTokenAsync(token, rules).ConfigureAwait(false);
        if (!result.IsValid)
        {
            _issuer?.RequestRefresh();
            return (null, "invalid_token");
        }

        // A token without a subject would make all its holders one user; and no subject is the holder of this server's own secret.
        if (result.ClaimsIdentity.FindFirst("sub")?.Value is not { Length: > 0 } subject) return (null, "invalid_token");
        return HasScopes(result.ClaimsIdentity, oauth) ? (Named($"oauth|{subject}"), null) : (null, "insufficient_scope");
    }

    /// <summary>The issuer's keys; <c>null</c> while it cannot be reached and none are known.</summary>
    private async Task<ICollection<SecurityKey>?> KeysAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await _issuer!.GetConfigurationAsync(cancellationToken).ConfigureAwait(false)).SigningKeys;
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException)
        {
            return null;
        }
    }

    private bool IsNow(DateTime? from, DateTime? until)
    {
        DateTime now = _options.TimeProvider.GetUtcNow().UtcDateTime;
        TimeSpan skew = TimeSpan.FromSeconds(30);
        return until is { } end && now < end + skew && (from is not { } start || now >= start - skew);
    }

    private static bool HasScopes(ClaimsIdentity identity, McpOAuthOptions oauth)
    {
        var granted = identity.FindAll("scope").Concat(identity.FindAll("scp")).SelectMany(claim => claim.Value.Split(' ')).ToHashSet(StringComparer.Ordinal);
        return oauth.RequiredScopes.All(granted.Contains);
    }

    private static ClaimsPrincipal Named(string name) => new(new ClaimsIdentity([new Claim("sub", name)], "bearer"));
}
