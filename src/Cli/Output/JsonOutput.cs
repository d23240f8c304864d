using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using AgentKit.Cli.Chat;
using AgentKit.Cli.Doctor;
using AgentKit.Cli.Eval;
using AgentKit.Cli.Index;
using AgentKit.Cli.Mcp;
using AgentKit.Cli.Mcp.Clients;
using AgentKit.Cli.Mcp.Servers;
using AgentKit.Cli.Memory;
using AgentKit.Cli.Models;
using AgentKit.Cli.Runs;
using AgentKit.Cli.Train;
using AgentKit.Kernel.Tools;

namespace AgentKit.Cli.Output;

/// <summary>Writes the one document of <c>--json</c>: snake_case, indented, absent values left out.</summary>
[JsonSerializable(typeof(ErrorJson))]
[JsonSerializable(typeof(DoctorJson))]
[JsonSerializable(typeof(ChatJson))]
[JsonSerializable(typeof(RunsListJson))]
[JsonSerializable(typeof(DeadLettersJson))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(ModelInfoJson))]
[JsonSerializable(typeof(ModelListJson))]
[JsonSerializable(typeof(TokenizeJson))]
[JsonSerializable(typeof(FitJson))]
[JsonSerializable(typeof(ImatrixJson))]
[JsonSerializable(typeof(PruneJson))]
[JsonSerializable(typeof(CompressionReportJson))]
[JsonSerializable(typeof(QuantizeJson))]
[JsonSerializable(typeof(PullJson))]
[JsonSerializable(typeof(RenderJson))]
[JsonSerializable(typeof(ParseJson))]
[JsonSerializable(typeof(BenchJson))]
[JsonSerializable(typeof(EvalRunJson))]
[JsonSerializable(typeof(EvalListJson))]
[JsonSerializable(typeof(EvalCompareJson))]
[JsonSerializable(typeof(EvalContaminationJson))]
[JsonSerializable(typeof(EvalKldJson))]
[JsonSerializable(typeof(EvalPplJson))]
[JsonSerializable(typeof(EvalScoreJson))]
[JsonSerializable(typeof(IndexAddJson))]
[JsonSerializable(typeof(IndexSearchJson))]
[JsonSerializable(typeof(IndexPublishJson))]
[JsonSerializable(typeof(MemoryFactsJson))]
[JsonSerializable(typeof(MemoryRememberJson))]
[JsonSerializable(typeof(MemoryForgetJson))]
[JsonSerializable(typeof(MemoryCoreJson))]
[JsonSerializable(typeof(IndexStatusJson))]
[JsonSerializable(typeof(IndexRemoveJson))]
[JsonSerializable(typeof(IndexEvalJson))]
[JsonSerializable(typeof(McpToolsJson))]
[JsonSerializable(typeof(McpConfigJson))]
[JsonSerializable(typeof(McpApproveJson))]
[JsonSerializable(typeof(McpCallJson))]
[JsonSerializable(typeof(TrainJson))]
[JsonSerializable(typeof(TrainInspectJson))]
[JsonSerializable(typeof(TrainMergeJson))]
[JsonSerializable(typeof(PretrainJson))]
[JsonSerializable(typeof(LearningRateJson))]
[JsonSerializable(typeof(ScalingJson))]
[JsonSerializable(typeof(TrainConvertJson))]
[JsonSerializable(typeof(TrainSchemaJson))]
[JsonSerializable(typeof(TrainDataJson))]
[JsonSerializable(typeof(TrainObjectiveJson))]
[JsonSerializable(typeof(ToolRule[]))]
internal sealed partial class JsonOutput : JsonSerializerContext
{
    private static readonly JsonOutput Context = new(new JsonSerializerOptions
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter<ApprovalAnswer>(allowIntegerValues: false) },
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        NewLine = "\n",
    });

    /// <summary>Reads a list of rules.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static ToolRule[] ReadRules(string json) =>
        JsonSerializer.Deserialize(json, Context.ToolRuleArray) ?? throw new JsonException("The list is null.");

    public static void Write<T>(TextWriter output, T document) =>
        output.WriteLine(JsonSerializer.Serialize(document, (JsonTypeInfo<T>)Context.GetTypeInfo(typeof(T))!));
}
