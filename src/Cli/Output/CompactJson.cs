using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AgentKit.Cli.Output;

/// <summary>JSON on one line, with letters of all scripts as they are.</summary>
internal static class CompactJson
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(JsonElement json) => Write(json.WriteTo);

    /// <summary>A tool's arguments as one object.</summary>
    public static string Of(IEnumerable<KeyValuePair<string, object?>> arguments) => Write(writer =>
    {
        writer.WriteStartObject();
        foreach ((string name, object? value) in arguments)
        {
            writer.WritePropertyName(name);
            if (value is JsonElement json) json.WriteTo(writer);
            else writer.WriteStringValue(value?.ToString());
        }

        writer.WriteEndObject();
    });

    private static string Write(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Readable)) write(writer);
        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
