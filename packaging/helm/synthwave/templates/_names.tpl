{{- define "synthwave.name" -}}
{{ ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) (contains .Chart.Name .Release.Name) | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- define "synthwave.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "synthwave.labels" -}}
{{ include "synthwave.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "synthwave.account" -}}
{{ .Values.serviceAccount.name | default (include "synthwave.name" .) }}
{{- end }}

{{- define "synthwave.configMap" -}}
{{ .Values.existingConfigMap | default (include "synthwave.name" .) }}
{{- end }}

{{- define "synthwave.secret" -}}
{{ .Values.existingSecret | default (include "synthwave.name" .) }}
{{- end }}

{{- define "synthwave.hasSecret" -}}
{{ if or .Values.existingSecret .Values.secrets }}true{{ end }}
{{- end }}

{{/* A number of seconds in the configuration's text: a list of the key and its default. What is commented out does not count. */}}
{{- define "synthwave.seconds" -}}
{{- $line := regexFind (printf "(?m)^[ \\t]*%s[ \\t]*=[ \\t]*[\"']?[0-9]+" (index . 1)) (index . 0) -}}
{{- regexFind "[0-9]+$" $line | default (index . 2) -}}
{{- end }}

{{/* The default is the product's, 5 and 30. Ten more: the second in which it ends, the moment until it is told, and a trace collector that does not answer. */}}
{{- define "synthwave.terminationGracePeriodSeconds" -}}
{{- if .Values.terminationGracePeriodSeconds -}}
{{ .Values.terminationGracePeriodSeconds | int }}
{{- else -}}
{{ add (include "synthwave.seconds" (list .Values.config "drain_secs" "5") | int) (include "synthwave.seconds" (list .Values.config "shutdown_grace_secs" "30") | int) 10 }}
{{- end -}}
{{- end }}

{{/* What every path starts with, by the configuration's text. */}}
{{- define "synthwave.pathPrefix" -}}
{{- $line := regexFind "(?m)^[ \\t]*path_prefix[ \\t]*=[ \\t]*[\"'][^\"']*" .Values.config -}}
{{- regexFind "/[^\"']*$" $line | trimSuffix "/" -}}
{{- end }}
