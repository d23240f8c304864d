using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace AgentKit.Server.Http;

/// <summary>What clients read to find the authorization server (RFC 9728).</summary>
internal static class ResourceMetadata
{
    public const string WellKnown = "/.well-known/oauth-protected-resource";

    public static Task WriteAsync(HttpContext context, McpOAuthOptions oauth)
    {
        var json = new JsonObject
        {
            ["resource"] = oauth.Resource.OriginalString,
            ["authorization_servers"] = new JsonArray(oauth.Issuer.OriginalString),
            ["bearer_methods_supported"] = new JsonArray("header"),
        };
        if (oauth.RequiredScopes.Count > 0) json["scopes_supported"] = new JsonArray([.. oauth.RequiredScopes.Select(scope => (JsonNode)scope)]);
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json.ToJsonString(), context.RequestAborted);
    }
}
