using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using AgentKit.Cli.Doctor;

namespace AgentKit.Cli.Output;

/// <summary>Writes the one document of <c>--json</c>: snake_case, indented, absent values left out.</summary>
[JsonSerializable(typeof(ErrorJson))]
[JsonSerializable(typeof(DoctorJson))]
internal sealed partial class JsonOutput : JsonSerializerContext
{
    private static readonly JsonOutput Context = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        NewLine = "\n",
    });

    public static void Write<T>(TextWriter output, T document) =>
        output.WriteLine(JsonSerializer.Serialize(document, (JsonTypeInfo<T>)Context.GetTypeInfo(typeof(T))!));
}
