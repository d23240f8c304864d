using AgentKit.Models.Gguf;

namespace AgentKit.Training.Engine;

/// <summary>How <see cref="AdapterMerge"/> writes a merged model.</summary>
public sealed record MergeOptions
{
    /// <value>How changed matrices are stored. Default: each as it was. Any of <see cref="AdapterMerge.Types"/>.</value>
    public GgmlType? Type { get; init; }

    /// <value>Whether the adapter may have been trained on another file of the same shape, for example on a quantized copy of this one. Default: no.</value>
    public bool AllowOtherBase { get; init; }

    /// <value>Whether an existing file is replaced. Default: no.</value>
    public bool Overwrite { get; init; }

    /// <value>Threads, 1 to 512. Default: the CPUs this process may use.</value>
    public int? Threads
    {
        get;
        init => field = value is null or (>= 1 and <= 512) ? value : throw new ArgumentOutOfRangeException(nameof(Threads), value, "1 to 512");
    }
}
