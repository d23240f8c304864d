namespace AgentKit.Training.Runs;

/// <summary>A run of supervised fine-tuning on conversations.</summary>
public sealed record SftOptions : RunOptions
{
    /// <value>How much tokens count that the model did not write; 0 or more. Default 0.</value>
    public double PromptWeight
    {
        get;
        init => field = double.IsFinite(value) && value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(PromptWeight), value, "0 or more");
    }

    internal override Recipe CreateRecipe() => new SftRecipe(this);
}
