using Microsoft.AspNetCore.Http;

namespace AgentKit.Server.Http;

/// <summary>Lets the pages of allowed origins, which <see cref="HostGuard"/> has let pass, send requests and read the answers (CORS).</summary>
internal static class CrossOrigin
{
    private const string Sent = "Authorization, Content-Type, Last-Event-ID, MCP-Protocol-Version, Mcp-Method, Mcp-Name, Mcp-Session-Id";

    /// <returns>Whether the request was the question for leave, and is answered. It comes without a token, so it is answered before anybody signs in.</returns>
    public static bool Handle(HttpContext context)
    {
        if (context.Request.Headers.Origin is not [{ Length: > 0 } origin]) return false;
        IHeaderDictionary headers = context.Response.Headers;
        headers.AccessControlAllowOrigin = origin;
        headers.AccessControlExposeHeaders = $"{McpHeaders.SessionId}, WWW-Authenticate";
        headers.Vary = "Origin";
        if (!HttpMethods.IsOptions(context.Request.Method)) return false;
        headers.AccessControlAllowMethods = "POST, GET, DELETE";
        headers.AccessControlAllowHeaders = Sent;
        headers.AccessControlMaxAge = "600";
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return true;
    }
}
