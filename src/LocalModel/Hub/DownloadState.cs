using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentKit.Models.Hub;

/// <summary>What the beginning of a file on the disk belongs to; lies beside it as JSON.</summary>
/// <param name="Address">Where the file comes from.</param>
/// <param name="Tag">What tells this content from another one under the same name.</param>
/// <param name="ServerTag">Entity tag of the server that sends the bytes, which need not be the hub.</param>
/// <param name="Total">Bytes of the whole file.</param>
internal sealed record DownloadState(string Address, string? Tag, string? ServerTag, long? Total)
{
    /// <summary>The state written beside a file; null when there is none or it is damaged: then the download begins again.</summary>
    public static DownloadState? Read(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), DownloadStateJson.Default.DownloadState) : null;
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            return null;
        }
    }

    public void Write(string path)
    {
        string temporary = path + ".tmp";
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(this, DownloadStateJson.Default.DownloadState));
        File.Move(temporary, path, overwrite: true);
    }
}

/// <summary>How the state is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DownloadState))]
internal sealed partial class DownloadStateJson : JsonSerializerContext;
