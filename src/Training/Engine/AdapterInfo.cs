using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Models.Gguf;

namespace AgentKit.Training.Engine;

/// <summary>What a LoRA adapter's file says; fields that only AgentKit writes are null in others.</summary>
public sealed record AdapterInfo
{
    internal const string EndingA = ".lora_a", EndingB = ".lora_b";

    private const string Layer = "blk.";

    /// <value>The adapter's name, else the file's.</value>
    public required string Name { get; init; }

    /// <value>The family of the model it changes.</value>
    public required string Architecture { get; init; }

    /// <value>The largest rank of its matrices.</value>
    public required int Rank { get; init; }

    /// <value>Its updates count alpha / rank; 1 where alpha is 0, as llama.cpp has it.</value>
    public required double Alpha { get; init; }

    /// <value>What it changes in the layers, such as <c>attn_q</c>.</value>
    public required IReadOnlyList<string> Targets { get; init; }

    /// <value>How many matrices it changes.</value>
    public required int Matrices { get; init; }

    /// <value>Trained weights.</value>
    public required long Weights { get; init; }

    /// <value>Name of the model it was trained on.</value>
    public string? BaseName { get; init; }

    /// <value>SHA-256 of that model's file.</value>
    public string? BaseSha256 { get; init; }

    /// <value>SHA-256 of the training data.</value>
    public string? DataSha256 { get; init; }

    /// <value>The objective it was trained with.</value>
    public string? Objective { get; init; }

    /// <value>The configuration of the run.</value>
    public JsonNode? Config { get; init; }

    /// <value>What was measured.</value>
    public JsonNode? Metrics { get; init; }

    /// <value>Whether the file also holds a head that scores samples (<c>train reward</c>).</value>
    public bool HasScoreHead { get; init; }

    /// <value>Whether the file also holds a head that foresees rewards (<c>train ppo</c>); training goes on with it.</value>
    public bool HasValueHead { get; init; }

    /// <summary>The head of the file.</summary>
    internal GgufFile File { get; private init; } = null!;

    /// <summary>Reads an adapter's file.</summary>
    /// <param name="path">A GGUF file.</param>
    /// <exception cref="UserInputException">The file is missing, damaged or no LoRA adapter.</exception>
    public static AdapterInfo Read(string path)
    {
        GgufFile file = GgufFile.Open(path);
        if (file.FindString("adapter.type") is var type && type != "lora")
            throw new UserInputException("ADAPTER", $"ADAPTER: {path}: adapter.type is {(type is null ? "missing" : $"'{type}'")}; a LoRA adapter has 'lora'.");
        GgufTensorInfo[] pairs = [.. file.Tensors.Where(tensor => tensor.Name.EndsWith(EndingA, StringComparison.Ordinal))];
        return new()
        {
            File = file,
            Name = file.FindString("general.name") ?? Path.GetFileNameWithoutExtension(path),
            Architecture = file.FindString("general.architecture") ?? "",
            Rank = file.Tensors.Where(tensor => tensor.Name.EndsWith(EndingB, StringComparison.Ordinal)).Select(tensor => (int)tensor.Shape[0]).DefaultIfEmpty().Max(),
            Alpha = file.FindNumber("adapter.lora.alpha") ?? 0,
            Targets = [.. pairs.Select(tensor => TargetOf(tensor.Name)).Distinct()],
            Matrices = pairs.Length,
            Weights = file.Tensors.Sum(tensor => tensor.Elements),
            BaseName = file.FindString(AdapterBase.NameKey),
            BaseSha256 = AdapterBase.Sha256Of(file),
            DataSha256 = file.FindString(AdapterFile.DataSha256Key),
            Objective = file.FindString(AdapterFile.ObjectiveKey),
            Config = Json(file, AdapterFile.ConfigKey),
            Metrics = Json(file, AdapterFile.MetricsKey),
            HasScoreHead = file.Metadata.ContainsKey(AdapterFile.ScoreHeadKey),
            HasValueHead = file.Metadata.ContainsKey(AdapterFile.ValueHeadKey),
        };
    }

    /// <summary>Why the adapter does not belong to a model; <c>null</c> when it does.</summary>
    /// <param name="modelPath">A model's file.</param>
    /// <param name="allowOtherBase">Whether another file of the same shape is good enough; the file is not read through then.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="UserInputException">The model's file cannot be used.</exception>
    public string? MisfitWith(string modelPath, bool allowOtherBase = false, CancellationToken cancellationToken = default)
    {
        GgufFile model = ModelFile.OpenChecked(modelPath);
        try
        {
            AdapterCheck.Verify(File, model);
        }
        catch (UserInputException e)
        {
            return e.Message;
        }

        return allowOtherBase || BaseSha256 is null ? null : AdapterBase.Misfit(File, modelPath, AdapterBase.HashOf(modelPath, cancellationToken));
    }

    /// <summary>Refuses a model that the adapter does not belong to.</summary>
    /// <exception cref="UserInputException">It does not, or the model's file cannot be used.</exception>
    internal void Require(string modelPath, bool allowOtherBase, CancellationToken cancellationToken)
    {
        if (MisfitWith(modelPath, allowOtherBase: true, cancellationToken) is { } misfit) throw Foreign(misfit);
        if (MisfitWith(modelPath, allowOtherBase, cancellationToken) is { } other) throw Foreign($"{other}. {AdapterBase.WayOut}.");

        UserInputException Foreign(string why) => new("ADAPTER", $"ADAPTER: {File.Path} does not belong to {modelPath}: {why}");
    }

    /// <summary>What B·A of a rank is multiplied by.</summary>
    internal double ScaleOf(int rank) => Alpha == 0 ? 1 : Alpha / rank;

    /// <summary>The adapter as settings for one of the same shape.</summary>
    /// <exception cref="UserInputException">It changes matrices that are not trained here, or its rank or alpha is not one of training.</exception>
    internal LoraOptions Shape()
    {
        string[] targets = [.. Targets.SelectMany(NamesOf).Distinct()];
        try
        {
            return new() { Rank = Rank, Alpha = ScaleOf(Rank) * Rank, Targets = targets };
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new UserInputException("adapter", $"adapter: {Name} has rank {Rank} and alpha {Alpha}; ranks of 1 to 1024 and alphas above 0 can be trained and exported.", e);
        }
    }

    private string[] NamesOf(string matrix)
    {
        if (matrix == LoraOptions.FusedAttention) return ["q", "k", "v"];
        string? name = LoraOptions.Matrices.FirstOrDefault(pair => pair.Value == matrix).Key;
        string[] known = [.. LoraOptions.Matrices.Values, LoraOptions.FusedAttention];
        return name is not null ? [name] : throw new UserInputException("adapter", $"adapter: {Name} changes {matrix}; {string.Join(", ", known)} can be trained.");
    }

    /// <summary><c>blk.3.attn_q.weight.lora_a</c> is of <c>attn_q</c>.</summary>
    private static string TargetOf(string name)
    {
        string target = name[..^EndingA.Length].Replace(".weight", "", StringComparison.Ordinal);
        return target.StartsWith(Layer, StringComparison.Ordinal) ? target[(target.IndexOf('.', Layer.Length) + 1)..] : target;
    }

    private static JsonNode? Json(GgufFile file, string key)
    {
        try
        {
            return file.FindString(key) is { } text ? JsonNode.Parse(text) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
