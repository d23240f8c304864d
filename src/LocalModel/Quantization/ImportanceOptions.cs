using AgentKit.Kernel.Errors;

namespace AgentKit.Models.Quantization;

/// <summary>How an importance matrix is made.</summary>
public sealed record ImportanceOptions
{
    /// <summary>Tokens of a chunk. Every chunk is read on its own, like a text.</summary>
    /// <value>16 or more; default 512, as llama-imatrix.</value>
    /// <exception cref="UserInputException">The value is out of range.</exception>
    public int ChunkLength
    {
        get;
        init => field = value >= 16 ? value : throw new UserInputException(nameof(ChunkLength), $"A chunk of {value} tokens was asked for; 16 or more is allowed.");
    } = 512;

    /// <summary>Most chunks to read.</summary>
    /// <value>1 or more; default: all that the text fills.</value>
    /// <exception cref="UserInputException">The value is out of range.</exception>
    public int? Chunks
    {
        get;
        init => field = value is null or >= 1 ? value : throw new UserInputException(nameof(Chunks), $"{value} chunks were asked for; 1 or more is allowed.");
    }

    /// <summary>Whether the output matrix gets an entry too. llama.cpp's own types for it do better without one.</summary>
    /// <value>Default false.</value>
    public bool OutputMatrix { get; init; }

    /// <summary>Whether control tokens written in the text, such as <c>&lt;|im_start|&gt;</c>, count as such; for text in a model's own chat format.</summary>
    /// <value>Default false.</value>
    public bool ParseSpecial { get; init; }

    /// <summary>The name of the text to record.</summary>
    /// <value>Default: none.</value>
    public string? Dataset { get; init; }

    /// <summary>Whether an existing output file is replaced.</summary>
    /// <value>Default false.</value>
    public bool Overwrite { get; init; }

    /// <summary>Whether to go on with the chunks that an existing output file does not have yet.</summary>
    /// <value>Default false.</value>
    public bool Resume { get; init; }

    /// <summary>Threads to use.</summary>
    /// <value>Default: the CPUs this process may use.</value>
    public int? Threads { get; init; }

    /// <summary>The clock that says when to save in between.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
