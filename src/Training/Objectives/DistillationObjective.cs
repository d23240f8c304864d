using System.Numerics.Tensors;

namespace AgentKit.Training.Objectives;

/// <summary>
/// Distillation from a teacher's logits: L = τ²·Σ wₜ·KLₜ / Σ wₜ between softmaxes at temperature τ. Forward KL(teacher‖student) is Hinton et al.
/// 2015, section 2, whose τ² keeps the gradient's size; reverse KL(student‖teacher) is Gu et al. 2024 (MiniLLM), equation 1, per token.
/// </summary>
public static class DistillationObjective
{
    /// <summary>Loss and derivative by the student's logits.</summary>
    /// <param name="student">[tokens][vocabulary].</param>
    /// <param name="teacher">[tokens][vocabulary], constants.</param>
    /// <param name="weights">Not negative, not all zero, [tokens].</param>
    /// <param name="options">Settings; the defaults when null.</param>
    /// <exception cref="ArgumentException">The shapes differ or no weight is above 0.</exception>
    public static ObjectiveResult<double[][]> Compute(
        double[][] student, double[][] teacher, ReadOnlySpan<double> weights, DistillationOptions? options = null)
    {
        options ??= new();
        ArgumentNullException.ThrowIfNull(student);
        ArgumentNullException.ThrowIfNull(teacher);
        if (student.Length != teacher.Length) throw new ArgumentException($"The student has {student.Length} rows and the teacher {teacher.Length}.", nameof(teacher));
        double total = Weights.Sum(weights, student.Length), loss = 0;
        var gradient = new double[student.Length][];
        for (int t = 0; t < gradient.Length; t++)
        {
            if (student[t].Length != teacher[t].Length)
                throw new ArgumentException($"Row {t} has {student[t].Length} logits of the student and {teacher[t].Length} of the teacher.", nameof(teacher));
            gradient[t] = new double[student[t].Length];
            if (weights[t] == 0) continue;
            double divergence = OfRow([.. student[t]], [.. teacher[t]], options, weights[t] / total, gradient[t]);
            loss += options.Temperature * options.Temperature * weights[t] * divergence / total;
        }

        return new(loss, gradient);
    }

    /// <summary>One row's divergence, in nats at the temperature, and the derivative of weight·τ²·KL by the student's logits.</summary>
    /// <param name="student">Logits, [vocabulary]; overwritten.</param>
    /// <param name="teacher">Logits, [vocabulary]; overwritten.</param>
    /// <param name="options">Settings.</param>
    /// <param name="weight">What the row counts.</param>
    /// <param name="gradient">Where the derivative goes, [vocabulary].</param>
    internal static double OfRow(Span<double> student, Span<double> teacher, DistillationOptions options, double weight, Span<double> gradient)
    {
        Softmax.Normalize(student, options.Temperature, gradient);
        Softmax.Normalize(teacher, options.Temperature, gradient);
        // τ² from the loss and 1/τ from the softmax leave one τ.
        double scale = weight * options.Temperature, divergence;
        if (options.Direction == DistillationDirection.Forward)
        {
            TensorPrimitives.Exp(teacher, gradient);
            TensorPrimitives.Subtract(teacher, student, teacher);
            divergence = TensorPrimitives.Dot<double>(gradient, teacher);
            TensorPrimitives.Exp(student, student);
            TensorPrimitives.Subtract(student, gradient, gradient);
        }
        else
        {
            TensorPrimitives.Subtract(student, teacher, teacher);
            TensorPrimitives.Exp(student, student);
            divergence = TensorPrimitives.Dot<double>(student, teacher);
            TensorPrimitives.Subtract(teacher, divergence, teacher);
            TensorPrimitives.Multiply(student, teacher, gradient);
        }

        TensorPrimitives.Multiply(gradient, scale, gradient);
        return divergence;
    }
}
