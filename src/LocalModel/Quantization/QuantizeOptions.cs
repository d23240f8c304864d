namespace AgentKit.Models.Quantization;

/// <summary>How a model is quantized.</summary>
public sealed record QuantizeOptions
{
    /// <summary>Whether a model that is quantized already may be quantized once more, which loses quality twice.</summary>
    /// <value>Default false.</value>
    public bool AllowRequantize { get; init; }

    /// <summary>Whether an existing output file is replaced.</summary>
    /// <value>Default false.</value>
    public bool Overwrite { get; init; }

    /// <summary>How much each input of each matrix matters, from calibration text: the types below Q8_0 then lose less where it counts.</summary>
    /// <value>Default: none. <see cref="ModelQuantizer.TypesNeedingImportance"/> cannot do without.</value>
    public ImportanceMatrix? Importance { get; init; }

    /// <summary>Threads to use.</summary>
    /// <value>1 to 512; default: the CPUs this process may use.</value>
    public int? Threads
    {
        get;
        init => field = value is null or (>= 1 and <= 512) ? value : throw new ArgumentOutOfRangeException(nameof(Threads), value, "1 to 512");
    }
}
