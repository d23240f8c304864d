using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AgentKit.Server.Http;

/// <summary>Responses that are streams of events.</summary>
internal static class EventResponse
{
    /// <summary>Makes the response a stream that nothing on the way holds back.</summary>
    public static void StartEvents(this HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache, no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    /// <summary>The message needed no answer.</summary>
    public static void Accept(this HttpContext context)
    {
        context.Response.ContentType = null;
        context.Response.StatusCode = StatusCodes.Status202Accepted;
    }
}
