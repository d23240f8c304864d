using System.Net;

namespace AgentKit.Models.Hub;

/// <summary>The answer at the end of all redirects, and what the hub said of the file on the way.</summary>
/// <param name="Response">The last answer; its body has not been read.</param>
/// <param name="Address">Where it came from.</param>
/// <param name="LinkedTag">Entity tag of the file itself; for large files its SHA-256.</param>
/// <param name="LinkedSize">Size of the file itself.</param>
internal sealed record HubAnswer(HttpResponseMessage Response, Uri Address, string? LinkedTag, long? LinkedSize) : IDisposable
{
    private const int Sha256Digits = 64;

    public HttpStatusCode Status => Response.StatusCode;

    /// <summary>What tells this content from another one under the same name; null when the server names nothing.</summary>
    public string? Tag => LinkedTag ?? Response.Headers.ETag?.Tag;

    /// <summary>The SHA-256 that the tag is for large files.</summary>
    public string? Sha256
    {
        get
        {
            string? tag = LinkedTag?.Replace("W/", "", StringComparison.Ordinal).Trim('"');
            return tag?.Length == Sha256Digits && tag.All(char.IsAsciiHexDigit) ? tag.ToLowerInvariant() : null;
        }
    }

    /// <summary>Size of the whole file, whichever part of it comes.</summary>
    public long? Total => Response.Content.Headers.ContentRange?.Length
        ?? (Status == HttpStatusCode.OK ? Response.Content.Headers.ContentLength : null)
        ?? LinkedSize;

    public void Dispose() => Response.Dispose();
}
